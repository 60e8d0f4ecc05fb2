#pragma once
#include <cstdint>
#include <string_view>

namespace sallyport {

/// From which of the two networks something came. No listener of one side binds the other's address.
enum class side : std::uint8_t { outside, inside };

[[nodiscard]] constexpr std::string_view to_string(side which) noexcept {
  return which == side::outside ? "outside" : "inside";
}

enum class transport : std::uint8_t { udp, tcp, tls };

[[nodiscard]] constexpr std::string_view to_string(transport kind) noexcept {
  return kind == transport::tls ? "tls" : kind == transport::tcp ? "tcp" : "udp";
}

[[nodiscard]] constexpr bool is_reliable(transport kind) noexcept {
  return kind != transport::udp;
}

} // namespace sallyport
