#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace sallyport::sip {

/// The byte classes of RFC 3261, 25.1, as bits, so that a scan asks one table.
namespace chars {
inline constexpr std::uint16_t token = 1; ///< Methods, header names, parameter names.
inline constexpr std::uint16_t digit = 2;
inline constexpr std::uint16_t blank = 4;      ///< SP and HTAB
inline constexpr std::uint16_t space = 8;      ///< `blank`, CR and LF: inside a value those two are folds.
inline constexpr std::uint16_t host = 16;      ///< Of a name or an IPv4 address; `_` too, as names have it in practice.
inline constexpr std::uint16_t parameter = 32; ///< Of a parameter, outside quotes: of a header or of a URI, whichever.
inline constexpr std::uint16_t letter = 64;
// Of a URI, all without the `%` that begins an escape.
inline constexpr std::uint16_t uri = 128; ///< Anywhere in one: printable ASCII but `"<>\^`{|}`, `%` and the space.
inline constexpr std::uint16_t scheme = 256;
inline constexpr std::uint16_t user = 512; ///< The password and its colon too.
inline constexpr std::uint16_t uri_parameter = 1024;

namespace detail {
constexpr bool is_alphanumeric(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

constexpr std::array<std::uint16_t, 256> make_classes() {
  std::array<std::uint16_t, 256> classes{};
  const auto mark = [&](std::string_view bytes, std::uint16_t bits) {
    for (const char byte : bytes)
      classes[static_cast<unsigned char>(byte)] |= bits;
  };
  for (int code = 0; code < 256; ++code)
    if (is_alphanumeric(static_cast<char>(code)))
      classes[code] = token | host | parameter | uri | scheme | user | uri_parameter;
  mark("0123456789", digit);
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", letter);
  mark(" \t", blank | space);
  mark("\r\n", space);
  mark("-.!%*_+`'~", token | parameter);
  mark("[]/:&$()", parameter);
  mark("-._", host);
  mark("+-.", scheme);
  mark("-_.!~*'()", uri | user | uri_parameter); // "mark" of RFC 3261, 25.1
  mark("&=+$,;?/:", user);
  mark("[]/:&+$", uri_parameter);
  mark("&=+$,;?/:@[]#", uri);
  return classes;
}
inline constexpr auto classes = make_classes();
} // namespace detail

[[nodiscard]] constexpr bool is(char byte, std::uint16_t bits) noexcept {
  return (detail::classes[static_cast<unsigned char>(byte)] & bits) != 0;
}

[[nodiscard]] constexpr bool all(std::string_view text, std::uint16_t bits) noexcept {
  for (const char byte : text)
    if (!is(byte, bits))
      return false;
  return true;
}
} // namespace chars

/// ASCII only: what RFC 3261 calls case-insensitive.
[[nodiscard]] constexpr char to_lower(char byte) noexcept {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte;
}

[[nodiscard]] constexpr bool equal_in_any_case(std::string_view left, std::string_view right) noexcept {
  if (left.size() != right.size())
    return false;
  for (std::size_t i = 0; i < left.size(); ++i)
    if (left[i] != right[i] && to_lower(left[i]) != to_lower(right[i]))
      return false;
  return true;
}

/// Without white space and folds at both ends.
[[nodiscard]] constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && chars::is(text.front(), chars::space))
    text.remove_prefix(1);
  while (!text.empty() && chars::is(text.back(), chars::space))
    text.remove_suffix(1);
  return text;
}

} // namespace sallyport::sip
