#include "net/stun/fingerprint.hpp"

#include <zlib.h>

namespace sallyport::stun {

std::uint32_t fingerprint_of(std::span<const std::byte> before) noexcept {
  constexpr std::uint32_t mark = 0x5354554E; // "STUN": so that it differs from a CRC of the application's own.
  const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(before.data()), before.size());
  return static_cast<std::uint32_t>(crc) ^ mark;
}

} // namespace sallyport::stun
