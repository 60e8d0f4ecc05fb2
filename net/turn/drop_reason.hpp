#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/stun/parse_error.hpp"

namespace sallyport::turn {

/// Why a datagram got no answer and was not relayed: one value a reason, to count by. The first are the values of
/// `stun::parse_error`: a message that cannot be read.
enum class drop_reason : std::uint8_t {
  not_stun = static_cast<std::uint8_t>(stun::parse_error::not_stun), ///< Nor ChannelData.

  // Of messages.
  response = stun::parse_errors,
  indication, ///< Of a kind that only a server sends.
  unknown_method,
  retransmission,          ///< Its answer is on the way.
  refresh_without_room,    ///< Too many requests wait.
  unauthorized_suppressed, ///< Of who has proved nothing: the source's budget is spent.

  // Of packets.
  bad_channel_data,
  bad_send_indication,
  unknown_attribute,
  dont_fragment, ///< Not supported yet (RFC 8656, 11.2).
  no_allocation,
  no_channel,
  no_permission,
  peer_port,    ///< An address of our own, and not a relay's port.
  peer_refused, ///< Since it was permitted it has become an address that relays may not reach.
  too_long,

  // Of what was to be sent: the kernel did not take it.
  not_sent,
  answer_not_sent,
};
inline constexpr std::size_t drop_reasons =
  static_cast<std::size_t>(drop_reason::answer_not_sent) + 1; ///< How many there are, those of parse errors among them.

/// Whether the datagram was no message at all.
[[nodiscard]] constexpr bool is_unreadable(drop_reason why) noexcept {
  return static_cast<std::size_t>(why) < stun::parse_errors;
}

struct drop_reason_text {
  drop_reason reason;
  std::string_view text;
};
/// What metrics call those that are not parse errors, in their order.
inline constexpr std::array drop_reason_texts{
  drop_reason_text{drop_reason::response, "response"},
  drop_reason_text{drop_reason::indication, "indication"},
  drop_reason_text{drop_reason::unknown_method, "unknown_method"},
  drop_reason_text{drop_reason::retransmission, "retransmission"},
  drop_reason_text{drop_reason::refresh_without_room, "refresh_without_room"},
  drop_reason_text{drop_reason::unauthorized_suppressed, "unauthorized_suppressed"},
  drop_reason_text{drop_reason::bad_channel_data, "bad_channel_data"},
  drop_reason_text{drop_reason::bad_send_indication, "bad_send_indication"},
  drop_reason_text{drop_reason::unknown_attribute, "unknown_attribute_in_indication"},
  drop_reason_text{drop_reason::dont_fragment, "dont_fragment"},
  drop_reason_text{drop_reason::no_allocation, "no_allocation"},
  drop_reason_text{drop_reason::no_channel, "no_channel"},
  drop_reason_text{drop_reason::no_permission, "no_permission"},
  drop_reason_text{drop_reason::peer_port, "peer_port"},
  drop_reason_text{drop_reason::peer_refused, "peer_refused"},
  drop_reason_text{drop_reason::too_long, "packet_too_long"},
  drop_reason_text{drop_reason::not_sent, "not_sent"},
  drop_reason_text{drop_reason::answer_not_sent, "answer_not_sent"},
};
static_assert(
  [] {
    for (std::size_t i = 0; i < drop_reason_texts.size(); ++i)
      if (static_cast<std::size_t>(drop_reason_texts[i].reason) != stun::parse_errors + i)
        return false;
    return stun::parse_errors + drop_reason_texts.size() == drop_reasons;
  }(),
  "each reason has its text, at its place");

[[nodiscard]] inline std::string_view to_string(drop_reason reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < stun::parse_errors ? stun::to_string(static_cast<stun::parse_error>(reason))
                                    : drop_reason_texts[index - stun::parse_errors].text;
}

} // namespace sallyport::turn
