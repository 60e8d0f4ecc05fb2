#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sallyport {

/// RFC 4648, 5, without padding: every character is allowed in a SIP token and in the user part of a URI.
void append_base64url(std::string& out, std::span<const std::uint8_t> bytes);
[[nodiscard]] std::string base64url(std::span<const std::uint8_t> bytes);

/// Fills `out` exactly; false if `text` does not decode to that many bytes, or has a second spelling (unused bits set).
[[nodiscard]] bool read_base64url(std::string_view text, std::span<std::uint8_t> out) noexcept;

/// Characters that `bytes` bytes take.
[[nodiscard]] constexpr std::size_t base64url_chars(std::size_t bytes) noexcept {
  return (bytes * 4 + 2) / 3;
}

} // namespace sallyport
