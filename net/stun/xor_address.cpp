#include "net/stun/xor_address.hpp"

#include <algorithm>

#include "net/core/big_endian.hpp"

namespace sallyport::stun {
namespace {

constexpr std::byte family_v4{0x01};
constexpr std::byte family_v6{0x02};
constexpr std::size_t address_at = 4; // After a zero byte, the family and the port.
constexpr std::uint16_t port_mask = magic_cookie >> 16;

/// What an address is hidden under: the cookie, and for the rest of IPv6 the transaction id.
using address_mask = std::array<std::uint8_t, 16>;

address_mask mask_of(const transaction_id& transaction) noexcept {
  address_mask mask;
  auto* rest = put_big_endian(mask.data(), magic_cookie);
  std::ranges::transform(transaction, rest, [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
  return mask;
}

} // namespace

std::optional<endpoint> read_xor_address(std::span<const std::byte> value, const transaction_id& transaction) noexcept {
  if (value.size() < address_at)
    return std::nullopt;
  const auto host = value.subspan(address_at);
  const bool is_v4 = value[1] == family_v4 && host.size() == 4;
  const bool is_v6 = value[1] == family_v6 && host.size() == 16;
  if (!is_v4 && !is_v6)
    return std::nullopt;

  const auto mask = mask_of(transaction);
  // IPv4 is the end of its v4-mapped form.
  std::array<std::uint8_t, 16> bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  const std::size_t first = bytes.size() - host.size();
  for (std::size_t i = 0; i < host.size(); ++i)
    bytes[first + i] = std::to_integer<std::uint8_t>(host[i]) ^ mask[i];
  const auto port = big_endian_at<std::uint16_t>(value.data() + 2);
  return endpoint{ip_address{bytes}, static_cast<std::uint16_t>(port ^ port_mask)};
}

std::size_t xor_address_bytes(const endpoint& address) noexcept {
  return address_at + (address.address.is_v4() ? 4 : 16);
}

void write_xor_address(std::byte* into, const endpoint& address, const transaction_id& transaction) noexcept {
  const bool is_v4 = address.address.is_v4();
  *into++ = std::byte{0};
  *into++ = is_v4 ? family_v4 : family_v6;
  into = put_big_endian(into, static_cast<std::uint16_t>(address.port ^ port_mask));

  const auto mask = mask_of(transaction);
  const auto host = std::span{address.address.bytes()}.subspan(is_v4 ? 12 : 0);
  for (std::size_t i = 0; i < host.size(); ++i)
    into[i] = static_cast<std::byte>(host[i] ^ mask[i]);
}

} // namespace sallyport::stun
