#include <gtest/gtest.h>

#include <atomic>

#include "actors/stop_limit.hpp"
#include "net/io/log.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::test {
namespace {

TEST(StopLimit, EndsWhatHasNotEndedInTime) {
  std::atomic<bool> has_come_to_it = false;
  actors::stop_limit limit{[&] { has_come_to_it = true; }};
  limit.begin(1ms);
  EXPECT_TRUE(comes_true([&] { return has_come_to_it.load(); }));
}

TEST(StopLimit, LeavesWhatHasEndedAlone) {
  std::atomic<bool> has_come_to_it = false;
  {
    actors::stop_limit limit{[&] { has_come_to_it = true; }};
    limit.begin(1h);
  }
  {
    actors::stop_limit never_begun{[&] { has_come_to_it = true; }};
  }
  EXPECT_FALSE(has_come_to_it);
}

TEST(StopLimitDeathTest, EndingAProcessSaysWhy) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
    {
      log::start(log::level::info);
      actors::end_process("so it is");
    },
    testing::ExitedWithCode(1), " critical stopped short reason=\"so it is\"");
}

} // namespace
} // namespace sallyport::test
