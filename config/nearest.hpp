#pragma once
#include <optional>
#include <span>
#include <string_view>

namespace sallyport::config {

/// The candidate that `text` was probably meant to be: at most a third of it mistyped (a letter left out, added,
/// changed, or swapped with its neighbour); nothing when none is that close.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view text,
                                                      std::span<const std::string_view> candidates);

} // namespace sallyport::config
