#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport::stun {

enum class datagram_kind : std::uint8_t { stun, channel_data, other };

/// What the first byte of a datagram says (RFC 7983; RFC 8656, 12). It may still turn out not to be that.
[[nodiscard]] constexpr datagram_kind kind_of(std::span<const std::byte> datagram) noexcept {
  if (datagram.empty())
    return datagram_kind::other;
  if (datagram[0] <= std::byte{0x03})
    return datagram_kind::stun;
  return datagram[0] >= std::byte{0x40} && datagram[0] <= std::byte{0x4F} ? datagram_kind::channel_data
                                                                          : datagram_kind::other;
}

} // namespace sallyport::stun
