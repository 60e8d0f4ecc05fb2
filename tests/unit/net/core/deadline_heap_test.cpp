#include <gtest/gtest.h>

#include <map>
#include <random>

#include "net/core/deadline_heap.hpp"

namespace sallyport {
namespace {

time_point at(int ms) {
  return time_point{} + milliseconds{ms};
}

} // namespace

TEST(DeadlineHeap, GivesWhatIsDueInOrderOfTime) {
  deadline_heap heap;
  heap.set(0, at(30));
  heap.set(1, at(10));
  heap.set(2, at(20));
  EXPECT_EQ(heap.next(), at(10));
  EXPECT_EQ(heap.pop_due(at(5)), std::nullopt);
  EXPECT_EQ(heap.pop_due(at(25)), 1U);
  EXPECT_EQ(heap.pop_due(at(25)), 2U);
  EXPECT_EQ(heap.pop_due(at(25)), std::nullopt);
}

TEST(DeadlineHeap, LeavesNothingBehindWhenADeadlineMovesOrGoes) {
  deadline_heap heap;
  for (int i = 0; i < 100; ++i)
    heap.set(7, at(100 - i));
  EXPECT_EQ(heap.size(), 1U);
  heap.set(7, std::nullopt);
  heap.set(9, std::nullopt);
  EXPECT_EQ(heap.size(), 0U);
  EXPECT_EQ(heap.next(), std::nullopt);
}

TEST(DeadlineHeap, AgreesWithASortedListOverRandomChanges) {
  deadline_heap heap;
  std::map<std::uint32_t, time_point> truth;
  std::mt19937 random{20260101};
  for (int step = 0; step < 20'000; ++step) {
    const auto slot = random() % 64;
    if (random() % 3 == 0) {
      heap.set(slot, std::nullopt);
      truth.erase(slot);
    } else {
      const auto when = at(static_cast<int>(random() % 1000));
      heap.set(slot, when);
      truth[slot] = when;
    }
    std::optional<time_point> soonest;
    for (const auto& [each, when] : truth)
      soonest = soonest ? std::min(*soonest, when) : when;
    ASSERT_EQ(heap.next(), soonest) << "step " << step;
    ASSERT_EQ(heap.size(), truth.size());
  }
}

} // namespace sallyport
