#pragma once
#include <algorithm>
#include <cstddef>

namespace sallyport::actors {

/// One lane's part of a number of the whole node, shared out evenly: at least 1.
[[nodiscard]] constexpr std::size_t per_lane(std::size_t whole, std::size_t lanes) noexcept {
  return std::max<std::size_t>(1, (whole + lanes - 1) / lanes);
}

} // namespace sallyport::actors
