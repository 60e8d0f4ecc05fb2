#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string_view>

#include "net/io/lane.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;

time_point boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point{seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

enum exit_status { good, wrong, cannot };

/// In a process of its own whose machine has slept for a day: its CLOCK_BOOTTIME is that much ahead of its
/// CLOCK_MONOTONIC (time_namespaces(7)).
template <class Judge>
exit_status after_a_day_of_sleep(Judge&& judge) {
  const auto status_of = [](pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? static_cast<exit_status>(WEXITSTATUS(status))
                                                                      : wrong;
  };
  const auto outer = ::fork();
  if (outer != 0)
    return status_of(outer);

  constexpr std::string_view offset = "boottime 86400 0\n";
  if (::unshare(CLONE_NEWTIME) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0)
    ::_exit(cannot);
  const int offsets = ::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
  if (offsets < 0 || ::write(offsets, offset.data(), offset.size()) != static_cast<ssize_t>(offset.size()))
    ::_exit(cannot);
  const auto inner = ::fork();
  if (inner != 0)
    ::_exit(status_of(inner));
  ::_exit(judge() ? good : wrong);
}

} // namespace

TEST(Clocks, TellBothTimes) {
  const auto earlier = boot_time();
  const auto wall_earlier = std::chrono::system_clock::now();
  const auto read = read_clocks();
  EXPECT_LE(earlier, read.boot);
  EXPECT_LE(read.boot, boot_time());
  EXPECT_LE(wall_earlier, read.wall);
  EXPECT_LE(read.wall, std::chrono::system_clock::now());
}

TEST(Clocks, TheOneOfALaneGoesOnWhileTheMachineSleeps) {
  const auto status = after_a_day_of_sleep([] {
    timespec awake{};
    ::clock_gettime(CLOCK_MONOTONIC, &awake);
    return lane{}.now() - time_point{seconds{awake.tv_sec}} >= 24h;
  });
  if (status == cannot && std::getenv("CI") == nullptr)
    GTEST_SKIP() << "no time namespace can be had here";
  EXPECT_EQ(status, good);
}

TEST(Clocks, TheSecondOfAMomentIsTheOneThatHasBegun) {
  EXPECT_EQ((moment{.boot = {}, .wall = wall_time{1'999ms}}.unix_seconds()), 1);
  EXPECT_EQ((moment{.boot = {}, .wall = wall_time{-1ms}}.unix_seconds()), -1);
}

} // namespace sallyport::io
