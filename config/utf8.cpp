#include "config/utf8.hpp"

#include <cstdint>

namespace sallyport::config {

namespace {

/// Bytes of the sequence that `lead` opens; 0 if none does.
std::size_t sequence_bytes(unsigned char lead) noexcept {
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead < 0xE0)
    return 2;
  if (lead >= 0xE0 && lead < 0xF0)
    return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

bool is_printable(std::uint32_t point, std::size_t bytes) noexcept {
  if (point == '\t' || point == '\n' || point == '\r')
    return true;
  if (point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xFEFF || point > 0x10FFFF)
    return false;
  const bool is_surrogate = point >= 0xD800 && point < 0xE000;
  const bool is_overlong = (bytes == 3 && point < 0x800) || (bytes == 4 && point < 0x10000);
  return !is_surrogate && !is_overlong;
}

} // namespace

std::string_view::size_type first_unprintable(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const auto bytes = sequence_bytes(lead);
    if (bytes == 0 || bytes > text.size() - at)
      return at;
    std::uint32_t point = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) {
      const auto next = static_cast<unsigned char>(text[at + i]);
      if ((next & 0xC0) != 0x80)
        return at;
      point = point << 6 | (next & 0x3FU);
    }
    if (!is_printable(point, bytes))
      return at;
    at += bytes;
  }
  return std::string_view::npos;
}

} // namespace sallyport::config
