#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "net/core/address.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/time.hpp"
#include "net/turn/allocation_event.hpp"
#include "net/turn/drop_reason.hpp"

namespace sallyport::turn {

/// Names an allocation: node and lane, the row of the lane, its generation.
using allocation_id = lane_ref;

/// A datagram's circumstances. `random` is 64 fresh random bits.
struct arrival {
  endpoint client;
  std::uint8_t listener = 0; ///< Which of the lane's listeners it came to.
  moment now;
  std::uint64_t random = 0;
};

/// To be sent from a relay's socket. `relay` is the index of its allocation; `peer` is where the packet must go, which
/// differs from the client's word for it where addresses are translated. The payload points into what was received.
struct to_peer {
  std::uint32_t relay = 0;
  endpoint peer;
  std::span<const std::byte> payload;
};

/// To be sent from a listener.
struct to_client {
  std::uint8_t listener = 0;
  endpoint client;
  std::span<const std::byte> bytes;
};

/// A response, written into the caller's room.
struct reply {
  to_client out;
  unsigned code = 0;       ///< 0: success.
  std::string_view reason; ///< Of an error: a string literal, to count by.
};

/// One event for the allocation's actor. One with `open_request` is the first of a new allocation: make its actor.
struct ask {
  allocation_id id;
  allocation_event event;
};

/// Bind this port of the relay address, and say `opened` or `not_opened`.
struct open_socket {
  allocation_id id;
  std::uint16_t port = 0;
};

/// Why there is no socket for it.
enum class socket_refusal : std::uint8_t {
  port,   ///< Another program has this port: the next one may do.
  socket, ///< No port would do: out of files, out of memory, the address gone.
};

/// A reason to drop: silence.
using decision = std::variant<drop_reason, reply, to_peer, ask, open_socket>;

} // namespace sallyport::turn
