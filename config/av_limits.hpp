#pragma once
#include <chrono>
#include <cstddef>

#include "config/rate.hpp"

namespace sallyport::config {

/// Of relays (RFC 8656).
struct av_limits {
  std::size_t allocations_max = 20'000;
  std::size_t allocations_per_user_max = 100;
  std::size_t permissions_per_allocation_max = 64;
  std::size_t channels_per_allocation_max = 64;
  std::chrono::milliseconds allocation_lifetime = std::chrono::minutes{10}; ///< RFC 8656, 3.2: the least given.
  std::chrono::milliseconds allocation_lifetime_max = std::chrono::hours{1};
  std::chrono::milliseconds nonce_lifetime = std::chrono::hours{1}; ///< RFC 8656, 5: at most an hour.
  rate unproved_answer_bytes_per_source{32'000};
  std::chrono::milliseconds relay_port_cooldown = std::chrono::minutes{2};
  std::size_t turn_requests_in_flight_max = 4'096;
  friend bool operator==(const av_limits&, const av_limits&) = default;
};

} // namespace sallyport::config
