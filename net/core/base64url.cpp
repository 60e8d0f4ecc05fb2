#include "net/core/base64url.hpp"

namespace sallyport {
namespace {

constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int sextet(char character) noexcept {
  if (character >= 'A' && character <= 'Z')
    return character - 'A';
  if (character >= 'a' && character <= 'z')
    return character - 'a' + 26;
  if (character >= '0' && character <= '9')
    return character - '0' + 52;
  return character == '-' ? 62 : character == '_' ? 63 : -1;
}

} // namespace

void append_base64url(std::string& out, std::span<const std::uint8_t> bytes) {
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8) | byte;
    for (bits += 8; bits >= 6; bits -= 6)
      out += alphabet[(pending >> (bits - 6)) & 63];
  }
  if (bits > 0)
    out += alphabet[(pending << (6 - bits)) & 63];
}

std::string base64url(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(base64url_chars(bytes.size()));
  append_base64url(out, bytes);
  return out;
}

bool read_base64url(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != base64url_chars(out.size()))
    return false;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t written = 0;
  for (const char character : text) {
    const int value = sextet(character);
    if (value < 0)
      return false;
    pending = (pending << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8)
      continue;
    bits -= 8;
    out[written++] = static_cast<std::uint8_t>(pending >> bits);
  }
  return (pending & ((1U << bits) - 1)) == 0; // A token has one spelling only.
}

} // namespace sallyport
