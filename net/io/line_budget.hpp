#pragma once
#include <cstdint>
#include <mutex>

#include "net/core/token_bucket.hpp"

namespace sallyport::io {

/// Lines of the log that strangers can cause, for all reasons and lanes of a node together: who finds a hundred reasons
/// to be refused for fills no disk with them. From any thread; asked a few times a second for each reason and lane at
/// most.
class line_budget {
public:
  static constexpr std::uint32_t lines_per_second_max = 20;
  static constexpr std::uint32_t lines_at_once_max = 100;

  [[nodiscard]] bool take(time_point now) {
    const std::lock_guard guard{mutex_};
    return bucket_.take(now, {.per_second = lines_per_second_max, .burst = lines_at_once_max});
  }

private:
  std::mutex mutex_;
  token_bucket bucket_;
};

} // namespace sallyport::io
