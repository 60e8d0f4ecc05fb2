#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sallyport::config {

/// How many a second; a token bucket of this rate holds one second's worth.
struct rate {
  std::uint32_t per_second = 0;
  friend bool operator==(const rate&, const rate&) = default;
};

/// How often a supervisor restarts its children before it gives up and lets its own supervisor decide.
struct restart_intensity {
  std::size_t restarts_max = 10;
  std::chrono::milliseconds within = std::chrono::seconds{60};
  friend bool operator==(const restart_intensity&, const restart_intensity&) = default;
};

/// Every queue, buffer, table and lifetime of a node: the key in the file is the member's name without its unit.
/// Whole-node numbers are shared out evenly over the lanes by whoever builds them.
struct limits {
  // Connections.
  std::size_t connections_max = 20'000;           ///< Both sides together, whole node.
  std::size_t connections_per_source_max = 1'000; ///< One IPv4 address or IPv6 /64; generous: an office behind one NAT.
  rate connection_rate_per_source{50};
  std::chrono::milliseconds handshake_timeout = std::chrono::seconds{10}; ///< From accept to the end of TLS.
  std::chrono::milliseconds protocol_timeout = std::chrono::seconds{5};   ///< From the handshake to the first bytes.
  std::chrono::milliseconds message_timeout = std::chrono::seconds{10};   ///< From a message's first byte to its last.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};    ///< Toward the next hop, TLS included.
  std::chrono::milliseconds idle_timeout = std::chrono::minutes{10};      ///< A connection on which nothing arrives.
  std::size_t write_queue_bytes_max = 256 * 1'024; ///< A connection that does not read is closed.

  // Messages.
  std::size_t message_head_bytes_max = 16 * 1'024;
  std::size_t message_body_bytes_max = 48 * 1'024;
  std::size_t headers_max = 128;
  rate message_rate_per_connection{200}; ///< Outside connections only.

  // Sessions and transactions.
  std::size_t transactions_max = 100'000;  ///< Server and client transactions together, whole node.
  std::size_t sessions_max = 50'000;       ///< Dialog and exchange actors, whole node.
  std::size_t events_per_session_max = 64; ///< In flight toward one actor; past it new requests are refused.
  std::size_t lane_inbox_max = 65'536;     ///< Orders waiting for one lane.
  std::chrono::milliseconds timer_c = std::chrono::seconds{185};      ///< RFC 3261, 16.6 step 11: more than 3 minutes.
  std::chrono::milliseconds dialog_lifetime = std::chrono::hours{24}; ///< A dialog without a session timer ends here.
  config::restart_intensity restart_intensity;

  // Relays (RFC 8656).
  std::size_t allocations_max = 20'000; ///< Whole node; each also takes a port of `av.relay_ports` and a file.
  std::size_t allocations_per_user_max = 100;
  std::size_t permissions_per_allocation_max = 64;
  std::size_t channels_per_allocation_max = 64;
  std::chrono::milliseconds allocation_lifetime = std::chrono::minutes{10};  ///< RFC 8656, 3.2: the least given.
  std::chrono::milliseconds allocation_lifetime_max = std::chrono::hours{1}; ///< The most, whatever is asked for.
  std::chrono::milliseconds nonce_lifetime = std::chrono::hours{1};          ///< RFC 8656, 5: at most an hour.
  rate unauthorized_answers_per_source{100};                                 ///< One IPv4 address or IPv6 /64.
  std::chrono::milliseconds relay_port_rest = std::chrono::minutes{2};       ///< From one use of a port to the next.
  std::size_t turn_requests_in_flight_max = 4'096;                           ///< Toward the actors, whole node.

  friend bool operator==(const limits&, const limits&) = default;
};

} // namespace sallyport::config
