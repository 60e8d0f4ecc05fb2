#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "net/core/timer_wheel.hpp"

namespace sallyport {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr time_point t0{};

std::vector<int> expire(timer_wheel<int>& wheel, time_point now) {
  std::vector<int> fired;
  wheel.expire(now, [&](int value) { fired.push_back(value); });
  return fired;
}

class TimerWheelSpans : public testing::TestWithParam<milliseconds> {};

TEST_P(TimerWheelSpans, FiresNeverEarlyAndAtMostOneTickLate) {
  for (const auto start : {0ms, 5ms, 630ms, 40'950ms, 2'621'430ms}) {
    timer_wheel<int> wheel{t0, 10};
    expire(wheel, t0 + start);
    const auto deadline = t0 + start + GetParam();
    ASSERT_TRUE(wheel.arm(deadline, 1));

    EXPECT_THAT(expire(wheel, deadline - 1ms), IsEmpty()) << start.count();
    EXPECT_THAT(expire(wheel, deadline + timer_slots::tick), ElementsAre(1)) << start.count();
    EXPECT_EQ(wheel.size(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryLevel, TimerWheelSpans,
                         testing::Values(1ms, 10ms, 500ms, 639ms, 640ms, 641ms, 32s, 40'960ms, 41s, 30min, 2'621'440ms,
                                         10h, 46h, 47h, 500h, 24h * 365));

TEST(TimerWheel, FiresTheSoonestFirst) {
  timer_wheel<int> wheel{t0, 10};
  for (const int seconds : {300, 5, 70, 1})
    ASSERT_TRUE(wheel.arm(t0 + std::chrono::seconds{seconds}, seconds));

  EXPECT_THAT(expire(wheel, t0 + 1h), ElementsAre(1, 5, 70, 300));
}

TEST(TimerWheel, FiresADeadlineInThePastAtTheNextTick) {
  timer_wheel<int> wheel{t0, 10};
  expire(wheel, t0 + 1s);
  ASSERT_TRUE(wheel.arm(t0, 7));

  EXPECT_THAT(expire(wheel, t0 + 1s + timer_slots::tick), ElementsAre(7));
}

TEST(TimerWheel, NeverFiresWhatWasCancelled) {
  timer_wheel<int> wheel{t0, 10};
  const auto id = wheel.arm(t0 + 1s, 1);

  EXPECT_TRUE(wheel.cancel(id));
  EXPECT_FALSE(wheel.cancel(id));
  EXPECT_THAT(expire(wheel, t0 + 2s), IsEmpty());
  EXPECT_EQ(wheel.next_deadline(), std::nullopt);
}

TEST(TimerWheel, AStaleIdDoesNotCancelTheTimerThatTookItsPlace) {
  timer_wheel<int> wheel{t0, 10};
  const auto stale = wheel.arm(t0 + 1s, 1);
  expire(wheel, t0 + 2s);
  const auto fresh = wheel.arm(t0 + 3s, 2);
  ASSERT_EQ(fresh.index, stale.index);

  EXPECT_FALSE(wheel.is_armed(stale));
  EXPECT_FALSE(wheel.cancel(stale));
  EXPECT_FALSE(wheel.cancel({}));
  EXPECT_THAT(expire(wheel, t0 + 4s), ElementsAre(2));
}

TEST(TimerWheel, RefusesOneTimerPastItsLimit) {
  timer_wheel<int> wheel{t0, 2};
  const auto first = wheel.arm(t0 + 1s, 1);
  ASSERT_TRUE(wheel.arm(t0 + 1s, 2));

  EXPECT_FALSE(wheel.arm(t0 + 1s, 3));
  wheel.cancel(first);
  EXPECT_TRUE(wheel.arm(t0 + 1s, 3));
}

TEST(TimerWheel, ATimerThatRearmsItselfForNowFiresOnceATick) {
  timer_wheel<int> wheel{t0, 10};
  ASSERT_TRUE(wheel.arm(t0 + 1s, 1));
  int fired = 0;
  const auto again = [&](int value) {
    ++fired;
    ASSERT_TRUE(wheel.arm(t0 + 1s, value));
  };

  wheel.expire(t0 + 1s, again);
  EXPECT_EQ(fired, 1);
  wheel.expire(t0 + 1s + timer_slots::tick, again);
  EXPECT_EQ(fired, 2);
}

TEST(TimerWheel, AFiringTimerMayCancelOneThatIsDueWithIt) {
  timer_wheel<int> wheel{t0, 10};
  ASSERT_TRUE(wheel.arm(t0 + 1s, 1));
  const auto second = wheel.arm(t0 + 1s, 2);
  std::vector<int> fired;

  wheel.expire(t0 + 2s, [&](int value) {
    fired.push_back(value);
    wheel.cancel(second);
  });
  EXPECT_THAT(fired, ElementsAre(1));
}

TEST(TimerWheel, NextDeadlineLeadsToEveryTimerInAFewSteps) {
  timer_wheel<int> wheel{t0, 10};
  ASSERT_TRUE(wheel.arm(t0 + 10h, 1));
  int steps = 0;
  time_point now = t0;
  while (wheel.size() > 0) {
    ASSERT_LE(*wheel.next_deadline(), t0 + 10h + timer_slots::tick);
    ASSERT_GT(*wheel.next_deadline(), now);
    now = *wheel.next_deadline();
    expire(wheel, now);
    ASSERT_LE(++steps, 4);
  }
}

TEST(TimerWheel, AgreesWithASortedListOverRandomWork) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random{seed};
    timer_wheel<int> wheel{t0, 100'000};
    std::map<int, std::pair<time_point, timer_id>> model;
    auto now = t0;
    int next = 0;
    for (int step = 0; step < 2'000; ++step) {
      const auto span = milliseconds{1 + random() % (1U << (random() % 28))};
      if (random() % 3 != 0) {
        const auto id = wheel.arm(now + span, next);
        model[next++] = {now + span, id};
      } else if (!model.empty() && random() % 2) {
        const auto victim = std::next(model.begin(), static_cast<long>(random() % model.size()));
        ASSERT_TRUE(wheel.cancel(victim->second.second));
        model.erase(victim);
      } else {
        now += span;
        for (const int fired : expire(wheel, now)) {
          ASSERT_TRUE(model.contains(fired)) << seed;
          ASSERT_LE(model[fired].first, now) << seed;
          model.erase(fired);
        }
        for (const auto& [value, timer] : model)
          ASSERT_GT(timer.first + timer_slots::tick, now) << seed;
      }
      ASSERT_EQ(wheel.size(), model.size()) << seed;
    }
  }
}

} // namespace
} // namespace sallyport
