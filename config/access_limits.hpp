#pragma once
#include <chrono>
#include <cstddef>

#include "config/rate.hpp"

namespace sallyport::config {

/// Of SIP: messages, transactions, sessions.
struct access_limits {
  std::size_t message_head_bytes_max = 16 * 1'024;
  std::size_t message_body_bytes_max = 48 * 1'024;
  std::size_t headers_max = 128;
  rate message_rate_per_connection{200};
  std::size_t flows_per_user_max = 32;
  std::size_t transactions_max = 100'000;
  std::size_t unproved_transactions_max = 4;
  std::size_t sessions_max = 50'000;
  std::size_t unproved_sessions_max = 1;
  std::size_t events_per_session_max = 64;
  std::size_t lane_inbox_max = 65'536;
  std::size_t lane_inbox_bytes_max = 32 * 1'024 * 1'024;
  std::size_t next_hop_queue_bytes_max = 8 * 1'024 * 1'024;
  std::chrono::milliseconds timer_c = std::chrono::seconds{185};
  std::chrono::milliseconds dialog_lifetime = std::chrono::hours{24};
  friend bool operator==(const access_limits&, const access_limits&) = default;
};

} // namespace sallyport::config
