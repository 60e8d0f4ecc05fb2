#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/time.hpp"

namespace sallyport::turn {

/// The client's Allocate: the relay's socket is there. The first event of every allocation, and only the first.
struct open_request {
  std::optional<seconds> lifetime; ///< As the client asked; nothing: the default.
};

struct refresh_request {
  std::optional<seconds> lifetime; ///< Zero closes the allocation (RFC 8656, 8.2).
};

/// All of them or none (RFC 8656, 10.2). Each address once, at least one.
struct permission_request {
  std::vector<ip_address> peers;
};

struct channel_request {
  std::uint16_t number = 0; ///< 0x4000 to 0x4FFF
  endpoint peer;
};

/// The moment that the last answer named as `next_deadline` has come.
struct deadline_passed {};

/// What the lane asks an allocation's actor. Each is answered exactly once.
struct allocation_event {
  std::uint64_t request = 0; ///< Names the request that waits for the answer; 0: none does.
  std::variant<open_request, refresh_request, permission_request, channel_request, deadline_passed> what;
};

enum class close_reason : std::uint8_t { refreshed_to_zero, expired };

[[nodiscard]] constexpr std::string_view to_string(close_reason reason) noexcept {
  return reason == close_reason::expired ? "expired" : "refreshed to zero";
}

struct relay_opened {
  friend bool operator==(const relay_opened&, const relay_opened&) = default;
};
struct relay_closed {
  close_reason reason = close_reason::expired;
  friend bool operator==(const relay_closed&, const relay_closed&) = default;
};
struct permission_opened {
  ip_address peer;
  friend bool operator==(const permission_opened&, const permission_opened&) = default;
};
struct permission_closed {
  ip_address peer;
  friend bool operator==(const permission_closed&, const permission_closed&) = default;
};
struct channel_opened {
  std::uint16_t number = 0;
  endpoint peer;
  friend bool operator==(const channel_opened&, const channel_opened&) = default;
};
struct channel_closed {
  std::uint16_t number = 0;
  endpoint peer;
  friend bool operator==(const channel_closed&, const channel_closed&) = default;
};

/// What became different, for the lane's rows. What opens is closed again, channels before permissions before the
/// relay.
using effect =
  std::variant<relay_opened, permission_opened, channel_opened, channel_closed, permission_closed, relay_closed>;

/// The one answer to an event: the lane makes the effects true before it sends the reply.
struct allocation_answer {
  std::uint64_t request = 0;
  unsigned code = 0;   ///< 0: success; else the error code of RFC 8656 to reply with.
  seconds lifetime{0}; ///< What `open_request` and `refresh_request` got.
  std::vector<effect> effects;
  std::optional<time_point> next_deadline; ///< When `deadline_passed` is wanted; replaces the one before.
  bool has_ended = false;                  ///< Nothing is left of it.
};

} // namespace sallyport::turn
