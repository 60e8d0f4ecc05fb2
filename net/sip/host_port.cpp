#include "net/sip/host_port.hpp"

namespace sallyport::sip {
namespace {

constexpr bool is_ipv6_byte(char byte) noexcept {
  const char lower = to_lower(byte);
  return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'f') || byte == ':' || byte == '.';
}

} // namespace

std::string_view take_host(scanner& text) noexcept {
  if (text.peek() != '[')
    return text.take(chars::host);
  const auto rest = text.rest();
  std::size_t bytes = 1;
  while (bytes < rest.size() && is_ipv6_byte(rest[bytes]))
    ++bytes;
  // "[]" and "[1]" are no addresses; whether the rest is one, its user finds out when it needs the address.
  if (bytes < 3 || bytes == rest.size() || rest[bytes] != ']')
    return {};
  text.skip(bytes + 1);
  return rest.substr(0, bytes + 1);
}

std::optional<std::uint16_t> take_port(scanner& text) noexcept {
  const auto digits = text.take(chars::digit);
  if (digits.empty())
    return std::nullopt;
  std::uint32_t port = 0;
  for (const char digit : digits) {
    port = port * 10 + static_cast<std::uint32_t>(digit - '0');
    if (port > 65535)
      return std::nullopt;
  }
  return static_cast<std::uint16_t>(port);
}

} // namespace sallyport::sip
