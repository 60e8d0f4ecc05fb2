#pragma once
#include <algorithm>
#include <cstddef>

namespace sallyport::actors {

/// One lane's part of a number of the whole node, shared out evenly: at least 1.
[[nodiscard]] constexpr std::size_t per_lane(std::size_t whole, std::size_t lanes) noexcept {
  return std::max<std::size_t>(1, (whole + lanes - 1) / lanes);
}

/// What is left of `whole` for those who have proved nothing: at least 1.
[[nodiscard]] constexpr std::size_t without_reserve(std::size_t whole, std::size_t reserve_percent) noexcept {
  return std::max<std::size_t>(1, whole - whole * reserve_percent / 100);
}

} // namespace sallyport::actors
