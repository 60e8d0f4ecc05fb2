#pragma once
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "net/core/result.hpp"
#include "net/stun/message_view.hpp"
#include "net/turn/allocation_event.hpp"
#include "net/turn/decision.hpp"
#include "net/turn/relay_pool.hpp"

namespace sallyport::turn {

/// The attributes that this server understands: any other that must be understood is refused with 420, or its
/// indication dropped.
inline constexpr std::array known_attributes{
  stun::attribute::mapped_address,
  stun::attribute::username,
  stun::attribute::message_integrity,
  stun::attribute::error_code,
  stun::attribute::unknown_attributes,
  stun::attribute::channel_number,
  stun::attribute::lifetime,
  stun::attribute::xor_peer_address,
  stun::attribute::data,
  stun::attribute::realm,
  stun::attribute::nonce,
  stun::attribute::xor_relayed_address,
  stun::attribute::requested_address_family,
  stun::attribute::even_port,
  stun::attribute::requested_transport,
  stun::attribute::dont_fragment,
  stun::attribute::message_integrity_sha256,
  stun::attribute::xor_mapped_address,
  stun::attribute::reservation_token,
};

/// Why a request is refused: the error code of RFC 8656.
using error_code = unsigned;

struct allocate_request {
  std::optional<seconds> lifetime;
  port_request port;                    ///< The token of a pair is not filled in.
  bool lacks_additional_family = false; ///< An IPv6 address is wanted as well, and there is none.
};

// Each reads a request's meaning, in the order of checks of its section.

/// RFC 8656, 7.2, items 3 to 9: 400, 420 (only for DONT-FRAGMENT, not supported yet), 440 and 442.
[[nodiscard]] result<allocate_request, error_code> read_allocate(const stun::message_view& request, bool has_ipv4);
/// RFC 8656, 8.2: 400 and 443.
[[nodiscard]] result<refresh_request, error_code> read_refresh(const stun::message_view& request, bool has_ipv4);
/// RFC 8656, 10.2: 400. The peers as they came, ports left out.
[[nodiscard]] result<std::vector<ip_address>, error_code> read_create_permission(const stun::message_view& request);
/// RFC 8656, 12.2: 400.
[[nodiscard]] result<channel_request, error_code> read_channel_bind(const stun::message_view& request);

struct send_indication {
  endpoint peer;
  std::span<const std::byte> payload; ///< Points into the datagram.
};
/// RFC 8656, 11.2
[[nodiscard]] result<send_indication, drop_reason> read_send_indication(const stun::message_view& message) noexcept;

} // namespace sallyport::turn
