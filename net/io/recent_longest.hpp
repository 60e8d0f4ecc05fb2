#pragma once
#include <algorithm>
#include <chrono>

#include "net/core/time.hpp"
#include "net/io/counters.hpp"

namespace sallyport::io {

/// The longest of what was added in this period and in the one before it, as of the newest. One thread writes, any may
/// read.
class recent_longest {
public:
  static constexpr seconds period{60};

  void add(time_point at, std::chrono::nanoseconds span) noexcept {
    if (const auto age = at - began_; age >= period) {
      before_.set(age < 2 * period ? longest_.read() : 0);
      longest_.set(0);
      began_ = at;
    }
    longest_.set(std::max(longest_.read(), static_cast<std::uint64_t>(span.count())));
  }
  [[nodiscard]] std::chrono::nanoseconds read() const noexcept {
    return std::chrono::nanoseconds{std::max(longest_.read(), before_.read())};
  }

private:
  time_point began_{};
  counter longest_; // Nanoseconds.
  counter before_;
};

} // namespace sallyport::io
