#pragma once
#include <cstddef>
#include <cstdint>

#include "net/core/time.hpp"

namespace sallyport::sip {

/// What one lane holds at most. One past a limit is refused on arrival and counted.
struct transaction_limits {
  std::uint32_t server_max = 50'000;              ///< Server transactions, lingering ones included.
  std::uint32_t client_max = 50'000;              ///< Client transactions, lingering ones included.
  std::size_t kept_bytes_max = 256 * 1024 * 1024; ///< Requests and responses kept for retransmission, together.
  seconds retry_after{10};                        ///< The least that a refused client is told (RFC 3261, 21.5.4).
};

} // namespace sallyport::sip
