#include "config/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace sallyport::config {

namespace {

constexpr std::size_t text_bytes_max = 64;

/// Edit distance with neighbours swapped as one edit (optimal string alignment).
std::size_t distance(std::string_view from, std::string_view to) {
  const auto columns = to.size() + 1;
  std::vector<std::size_t> cells((from.size() + 1) * columns);
  const auto at = [&](std::size_t row, std::size_t column) -> std::size_t& { return cells[row * columns + column]; };
  for (std::size_t i = 0; i <= from.size(); ++i)
    at(i, 0) = i;
  for (std::size_t j = 0; j <= to.size(); ++j)
    at(0, j) = j;
  for (std::size_t i = 1; i <= from.size(); ++i)
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t change = from[i - 1] == to[j - 1] ? 0 : 1;
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  return at(from.size(), to.size());
}

} // namespace

std::optional<std::string_view> nearest(std::string_view text, std::span<const std::string_view> candidates) {
  if (text.size() > text_bytes_max)
    return std::nullopt;
  std::optional<std::string_view> best;
  auto best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const auto candidate : candidates)
    if (const auto away = distance(text, candidate); away < best_distance) {
      best = candidate;
      best_distance = away;
    }
  return best;
}

} // namespace sallyport::config
