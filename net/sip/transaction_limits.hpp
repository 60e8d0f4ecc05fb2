#pragma once
#include <cstddef>
#include <cstdint>

#include "net/core/time.hpp"

namespace sallyport::sip {

/// Deadlines of one kind that one `expire` comes to: a crowd that is due together is not to hold its lane.
inline constexpr std::size_t expired_at_once_max = 64;

/// What one lane holds at most. One past a limit is refused on arrival and counted.
struct transaction_limits {
  std::uint32_t server_max = 50'000;              ///< Server transactions, lingering ones included.
  std::uint32_t unproved_server_max = 37'500;     ///< Of those, such as flows that nobody has proved may take.
  std::size_t server_per_unproved_flow_max = 4;   ///< Server transactions of one such flow.
  std::uint32_t client_max = 50'000;              ///< Client transactions, lingering ones included.
  std::size_t kept_bytes_max = 256 * 1024 * 1024; ///< Requests and responses kept for retransmission, together.
  std::size_t unproved_kept_bytes_max = 192 * 1024 * 1024; ///< Past so many, requests of such flows are refused.
  seconds retry_after{10}; ///< The least that a refused client is told (RFC 3261, 21.5.4).
};

} // namespace sallyport::sip
