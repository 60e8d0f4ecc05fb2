#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "net/core/time.hpp"

namespace sallyport::io {

/// What a descriptor's readiness is about, most urgent first: the order in which a lane comes to them in each turn.
enum class work : std::uint8_t {
  media,      ///< Datagrams: of clients, of peers.
  orders,     ///< An inbox: what actors and other lanes have to say.
  streams,    ///< Connections that stand, and those that we make.
  handshakes, ///< Connections of others that TLS has not let in yet: public-key operations, the dearest there is.
  accepts,    ///< Connections that wait to be taken.
};
inline constexpr std::size_t work_count = 5;

/// How much of one turn each kind of work may take, timers besides. What has begun is finished, so the longest turn is
/// the sum of these and of one call of each kind. They are small beside what a caller hears (20 ms a packet) and large
/// beside one call (a handshake with RSA takes 1 to 2 ms).
struct work_shares {
  std::array<microseconds, work_count> of{microseconds{5'000}, microseconds{2'000}, microseconds{2'000},
                                          microseconds{2'000}, microseconds{1'000}};
  microseconds timers{2'000};
};

} // namespace sallyport::io
