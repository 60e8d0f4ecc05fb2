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

namespace sallyport::turn {

/// Names an allocation: node and lane, the row of the lane, its generation.
using allocation_id = lane_ref;

/// A datagram's circumstances. `random` is 64 fresh random bits.
struct arrival {
  endpoint client;
  std::uint8_t door = 0; ///< Which of the lane's listeners it came to.
  time_point now;
  std::int64_t unix_seconds = 0;
  std::uint64_t random = 0;
};

/// Silence, and why: a string literal, to count by.
struct dropped {
  static constexpr std::string_view unauthorized_suppressed =
    "unauthorized_suppressed";                                         ///< The source's budget is spent.
  static constexpr std::string_view retransmission = "retransmission"; ///< Its answer is on the way.

  std::string_view reason;
};

/// To be sent from a relay's socket. `relay` is the index of its allocation; `peer` is where the packet must go, which
/// differs from the client's word for it where addresses are translated. The payload points into what was received.
struct to_peer {
  std::uint32_t relay = 0;
  endpoint peer;
  std::span<const std::byte> payload;
};

/// To be sent from a door.
struct to_client {
  std::uint8_t door = 0;
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

using decision = std::variant<dropped, reply, to_peer, ask, open_socket>;

/// Why a packet of the media road was not relayed.
enum class drop_reason : std::uint8_t {
  bad_channel_data,
  bad_send_indication,
  unknown_attribute,
  dont_fragment, ///< Not supported yet (RFC 8656, 11.2).
  no_allocation,
  no_channel,
  no_permission,
  peer_port, ///< An address of our own, and not a relay's port.
  too_long,
};

[[nodiscard]] constexpr std::string_view to_string(drop_reason reason) noexcept {
  constexpr std::string_view names[]{"bad_channel_data", "bad_send_indication", "unknown_attribute_in_indication",
                                     "dont_fragment",    "no_allocation",       "no_channel",
                                     "no_permission",    "peer_port",           "packet_too_long"};
  return names[static_cast<std::size_t>(reason)];
}

} // namespace sallyport::turn
