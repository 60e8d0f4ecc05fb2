#pragma once
#include <cstdint>
#include <optional>
#include <utility>

#include "net/core/token_bucket.hpp"
#include "net/io/line_budget.hpp"

namespace sallyport::io {

/// Lines of the log for one reason: a flood of it is a few lines a second, and the next line says how many it stands
/// for.
class line_flood {
public:
  static constexpr token_rate lines{.per_second = 2, .burst = 5};

  /// Whether a line may be written now, and for how many unwritten ones before it. `of_all`: what it has to share with
  /// other reasons, if anything.
  [[nodiscard]] std::optional<std::uint64_t> take_line(time_point now, line_budget* of_all = nullptr) {
    if (bucket_.take(now, lines) && (!of_all || of_all->take(now)))
      return std::exchange(suppressed_, 0);
    ++suppressed_;
    return std::nullopt;
  }

private:
  token_bucket bucket_;
  std::uint64_t suppressed_ = 0;
};

} // namespace sallyport::io
