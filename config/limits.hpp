#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "config/access_limits.hpp"
#include "config/av_limits.hpp"
#include "config/rate.hpp"

namespace sallyport::config {

/// How often a supervisor restarts its children before it gives up and lets its own supervisor decide.
struct restart_intensity {
  std::size_t restarts_max = 10;
  std::chrono::milliseconds within = std::chrono::seconds{60};
  friend bool operator==(const restart_intensity&, const restart_intensity&) = default;
};

/// Of streams, whatever is spoken on them.
struct connection_limits {
  std::size_t connections_max = 20'000;
  std::size_t connections_per_source_max = 64; ///< One IPv4 address or IPv6 /64.
  std::size_t unproved_bytes_per_source_max = 2 * 1'024 * 1'024;
  rate connection_rate_per_source{50};
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds protocol_timeout = std::chrono::seconds{5};
  std::chrono::milliseconds proof_timeout = std::chrono::seconds{30};
  std::chrono::milliseconds message_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};
  std::chrono::milliseconds idle_timeout = std::chrono::minutes{10};
  std::size_t write_queue_bytes_max = 256 * 1'024;
  std::size_t unproved_queue_bytes_max = 32 * 1'024;
  std::size_t proved_reserve = 25; ///< Percent.
  friend bool operator==(const connection_limits&, const connection_limits&) = default;
};

/// The queues, buffers, tables and lifetimes of a node, by whom they are of. The section `limits` has all of them side
/// by side: a key there is the member's name without its unit, and says what it means (limit_keys.hpp).
struct limits {
  connection_limits connections;
  access_limits access;
  av_limits av;
  config::restart_intensity restart_intensity;
  friend bool operator==(const limits&, const limits&) = default;
};

} // namespace sallyport::config
