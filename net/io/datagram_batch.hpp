#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "net/core/address.hpp"

namespace sallyport::io {

struct lane_counters;

/// One to send.
struct datagram {
  endpoint peer;
  ip_address local; ///< The source address; `::` lets the kernel choose.
  std::span<const std::byte> bytes;
};

/// One received, with free bytes around it so that whoever passes it on can write a head and padding in place.
struct received_datagram {
  static constexpr std::size_t headroom_bytes = 64;
  static constexpr std::size_t tailroom_bytes = 4;

  endpoint peer;
  ip_address local;          ///< The address it was sent to; `::` where the socket does not ask the kernel.
  std::span<std::byte> room; ///< `headroom_bytes`, the payload, at least `tailroom_bytes`.
  std::size_t payload_bytes = 0;

  [[nodiscard]] std::span<std::byte> payload() const noexcept { return room.subspan(headroom_bytes, payload_bytes); }
};

/// What recvmmsg and sendmmsg want, laid out once a lane and used by all its datagram sockets, so that a socket costs
/// its descriptor and little more. Nothing is allocated after construction.
class datagram_batch {
public:
  static constexpr std::size_t datagrams_max = 64;
  static constexpr std::size_t payload_bytes_max = 2048; ///< Longer ones are dropped and counted.

  struct received {
    std::span<const received_datagram> datagrams; ///< In order; they last until the next `receive`.
    bool is_full = false;                         ///< The batch was: there may be more.
  };
  struct sent {
    std::size_t datagrams = 0;
    std::size_t bytes = 0;
  };

  explicit datagram_batch(lane_counters& counters);
  ~datagram_batch();

  /// Does not wait. Errors of datagrams sent before are read away.
  [[nodiscard]] received receive(int socket);
  /// Sends what the kernel takes, of any number; the rest is dropped and counted, never queued. Another datagram's
  /// error costs none of the others.
  sent send(int socket, std::span<const datagram> batch);

private:
  struct incoming;
  struct outgoing;

  sent send_some(int socket, std::span<const datagram> batch);

  lane_counters& counters_;
  std::unique_ptr<incoming> incoming_;
  std::unique_ptr<outgoing> outgoing_;
};

} // namespace sallyport::io
