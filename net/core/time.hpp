#pragma once
#include <chrono>
#include <cstdint>

namespace sallyport {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The clock of deadlines: it runs from the start of the machine, also while that sleeps (CLOCK_BOOTTIME), and nobody
/// sets it. A lane reads it once per loop turn and hands it down; nothing else reads it, so there is no `now` here.
struct boot_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boot_clock>;
  static constexpr bool is_steady = true;
};
using time_point = boot_clock::time_point;

/// The time of day, which others and later runs know too. It may be set, also back.
using wall_time = std::chrono::system_clock::time_point;

/// One reading of both clocks.
struct moment {
  time_point boot; ///< For what lasts so long: timers, lifetimes, rates.
  wall_time wall;  ///< For what is good until then: nonces, ephemeral credentials, certificates.

  [[nodiscard]] std::int64_t unix_seconds() const {
    return std::chrono::floor<seconds>(wall).time_since_epoch().count();
  }
};

} // namespace sallyport
