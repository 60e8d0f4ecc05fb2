#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace sallyport::stun {

/// The two class bits of a message type, C1 before C0 (RFC 8489, 5).
enum class message_class : std::uint8_t { request, indication, success, error };

/// The methods a TURN server meets (RFC 8489, 18.2; RFC 8656, 17). The wire may carry any 12-bit number.
enum class method : std::uint16_t {
  binding = 1,
  allocate = 3,
  refresh = 4,
  send = 6,
  data = 7,
  create_permission = 8,
  channel_bind = 9,
};

/// Attribute types (RFC 8489, 18.3; RFC 8656, 18). The wire may carry any 16-bit number.
enum class attribute : std::uint16_t {
  mapped_address = 0x0001,
  username = 0x0006,
  message_integrity = 0x0008,
  error_code = 0x0009,
  unknown_attributes = 0x000A,
  channel_number = 0x000C,
  lifetime = 0x000D,
  xor_peer_address = 0x0012,
  data = 0x0013,
  realm = 0x0014,
  nonce = 0x0015,
  xor_relayed_address = 0x0016,
  requested_address_family = 0x0017,
  even_port = 0x0018,
  requested_transport = 0x0019,
  dont_fragment = 0x001A,
  message_integrity_sha256 = 0x001C,
  password_algorithm = 0x001D,
  userhash = 0x001E,
  xor_mapped_address = 0x0020,
  reservation_token = 0x0022,
  additional_address_family = 0x8000,
  address_error_code = 0x8001,
  password_algorithms = 0x8002,
  icmp = 0x8004,
  software = 0x8022,
  fingerprint = 0x8028,
};

/// Attributes from here on may be ignored by who does not know them (RFC 8489, 14).
inline constexpr std::uint16_t comprehension_optional = 0x8000;

using transaction_id = std::array<std::byte, 12>;

inline constexpr std::uint32_t magic_cookie = 0x2112A442;
inline constexpr std::size_t header_bytes = 20;
inline constexpr std::size_t attribute_header_bytes = 4;

/// What a value of so many bytes takes with its padding (RFC 8489, 14).
[[nodiscard]] constexpr std::size_t padded(std::size_t value_bytes) noexcept {
  return (value_bytes + 3) & ~std::size_t{3};
}

} // namespace sallyport::stun
