#include "net/core/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace sallyport {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

std::size_t mix(std::size_t seed, std::uint64_t value) noexcept {
  // The finaliser of splitmix64: addresses differ in few bits, tables want many.
  value += seed + 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

bool is_within(const ip_address& address, const char* prefix) {
  return ip_prefix::parse(prefix)->contains(address);
}

} // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
    if (text.find(':') == std::string_view::npos)
      return std::nullopt;
  }
  char copy[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof copy || text.find('\0') != std::string_view::npos)
    return std::nullopt; // inet_pton would stop at the NUL and find the rest good.
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';

  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, copy, bytes.data()) == 1)
    return ip_address{bytes};
  if (::inet_pton(AF_INET, copy, bytes.data() + 12) == 1) {
    std::ranges::copy(mapped_prefix, bytes.begin());
    return ip_address{bytes};
  }
  return std::nullopt;
}

ip_address ip_address::v4(std::uint32_t host_order) {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(mapped_prefix, bytes.begin());
  for (int i = 0; i < 4; ++i)
    bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return ip_address{bytes};
}

bool ip_address::is_v4() const noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

bool ip_address::is_loopback() const noexcept {
  if (is_v4())
    return bytes_[12] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.begin() + 15, [](auto byte) { return byte == 0; });
}

bool ip_address::is_unspecified() const noexcept {
  const auto host = is_v4() ? bytes_.begin() + 12 : bytes_.begin();
  return std::all_of(host, bytes_.end(), [](auto byte) { return byte == 0; });
}

bool ip_address::is_private() const noexcept {
  if (is_loopback())
    return true;
  for (const char* prefix :
       {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7", "fe80::/10"})
    if (is_within(*this, prefix))
      return true;
  return false;
}

std::string ip_address::text() const {
  char buffer[INET6_ADDRSTRLEN];
  if (is_v4())
    ::inet_ntop(AF_INET, bytes_.data() + 12, buffer, sizeof buffer);
  else
    ::inet_ntop(AF_INET6, bytes_.data(), buffer, sizeof buffer);
  return buffer;
}

std::optional<ip_prefix> ip_prefix::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = ip_address::parse(text.substr(0, slash));
  if (!base)
    return std::nullopt;
  if (slash == std::string_view::npos)
    return ip_prefix{*base, 128};
  const auto bits = parse_number<unsigned>(text.substr(slash + 1));
  if (!bits || *bits > (base->is_v4() ? 32U : 128U))
    return std::nullopt;
  return ip_prefix{*base, static_cast<std::uint8_t>(base->is_v4() ? *bits + 96 : *bits)};
}

bool ip_prefix::contains(const ip_address& address) const noexcept {
  const std::size_t whole = bits / 8;
  if (!std::equal(base.bytes().begin(), base.bytes().begin() + whole, address.bytes().begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((base.bytes()[whole] ^ address.bytes()[whole]) >> (8 - rest)) == 0;
}

ip_prefix source_prefix(const ip_address& address) noexcept {
  if (address.is_v4())
    return {address, 128};
  auto bytes = address.bytes();
  std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
  return {ip_address{bytes}, 64};
}

std::optional<endpoint> endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return std::nullopt;
  const auto host = text.substr(0, colon);
  const bool is_bracketed = host.starts_with('[');
  const auto address = ip_address::parse(host);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!address || !port || (!is_bracketed && host.find(':') != std::string_view::npos))
    return std::nullopt;
  return endpoint{*address, *port};
}

std::string endpoint::text() const {
  const auto host = address.text();
  return (address.is_v4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

std::size_t address_hash::operator()(const ip_address& address) const noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, address.bytes().data(), sizeof halves);
  return mix(mix(0, halves[0]), halves[1]);
}

std::size_t address_hash::operator()(const ip_prefix& prefix) const noexcept {
  return mix((*this)(prefix.base), prefix.bits);
}

std::size_t address_hash::operator()(const endpoint& endpoint) const noexcept {
  return mix((*this)(endpoint.address), endpoint.port);
}

} // namespace sallyport
