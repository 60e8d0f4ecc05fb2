#include "net/io/clocks.hpp"

#include <ctime>

namespace sallyport::io {

moment read_clocks() noexcept {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot); // Linux has had this clock since 2.6.39: it does not fail.
  return {.boot = time_point{seconds{since_boot.tv_sec} + std::chrono::nanoseconds{since_boot.tv_nsec}},
          .wall = std::chrono::system_clock::now()};
}

} // namespace sallyport::io
