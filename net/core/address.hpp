#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport {

/// An IPv4 or IPv6 address: 16 bytes in network order, IPv4 kept in its v4-mapped form (::ffff:a.b.c.d), so that the
/// two spellings of one IPv4 host compare equal.
class ip_address {
public:
  constexpr ip_address() = default; ///< `::`
  explicit constexpr ip_address(const std::array<std::uint8_t, 16>& bytes) : bytes_{bytes} {}

  /// "192.0.2.1", "2001:db8::1" or "[2001:db8::1]"; nothing for anything else (names, zones, octal forms).
  [[nodiscard]] static std::optional<ip_address> parse(std::string_view text);
  [[nodiscard]] static ip_address v4(std::uint32_t host_order);

  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;    ///< 127/8, ::1
  [[nodiscard]] bool is_unspecified() const noexcept; ///< 0.0.0.0, ::
  /// RFC 1918, RFC 6598 (CGNAT), RFC 4193 (ULA), link-local and loopback: what no client on the internet can reach.
  [[nodiscard]] bool is_private() const noexcept;
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::string text() const; ///< Without brackets.

  friend constexpr auto operator<=>(const ip_address&, const ip_address&) = default;

private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// The first `bits` of an address, counted in the 128-bit form (an IPv4 /24 holds 120).
struct ip_prefix {
  ip_address base;
  std::uint8_t bits = 128;

  /// "10.0.0.0/8", "2001:db8::/32", or an address alone.
  [[nodiscard]] static std::optional<ip_prefix> parse(std::string_view text);
  [[nodiscard]] bool contains(const ip_address& address) const noexcept;
  friend auto operator<=>(const ip_prefix&, const ip_prefix&) = default;
};

/// The prefix that counts as one source: the whole IPv4 address, the /64 of an IPv6 one.
[[nodiscard]] ip_prefix source_prefix(const ip_address& address) noexcept;

struct endpoint {
  ip_address address;
  std::uint16_t port = 0;

  /// "192.0.2.1:5061" or "[2001:db8::1]:5061".
  [[nodiscard]] static std::optional<endpoint> parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  friend auto operator<=>(const endpoint&, const endpoint&) = default;
};

struct address_hash {
  [[nodiscard]] std::size_t operator()(const ip_address& address) const noexcept;
  [[nodiscard]] std::size_t operator()(const ip_prefix& prefix) const noexcept;
  [[nodiscard]] std::size_t operator()(const endpoint& endpoint) const noexcept;
};

} // namespace sallyport
