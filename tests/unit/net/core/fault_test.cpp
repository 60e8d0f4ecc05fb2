#include <gtest/gtest.h>

#include <thread>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"

namespace sallyport {

TEST(Fault, IsPlantedAtTheNthPointOfItsThreadAndThereOnce) {
  fault::plan plan{2};
  fault::point("one");
  std::thread{[] {
    fault::point("elsewhere");
  }}.join();
  EXPECT_FALSE(plan.has_fired());
  EXPECT_THROW(fault::point("two"), std::bad_alloc);
  EXPECT_TRUE(plan.has_fired());
  EXPECT_EQ(plan.where(), "two");
  fault::point("three");
}

TEST(Fault, NoneIsLeftWhenItsPlanIsGone) {
  { const fault::plan plan{1}; }
  fault::point("one");
}

TEST(Batch, DoesEachThingWhateverBecameOfTheOthersAndThrowsWhatTheFirstThrew) {
  batch each;
  int done = 0;
  each.run([&] { ++done; });
  each.run([] { throw 1; });
  each.run([&] { ++done; });
  each.run([] { throw 2; });
  EXPECT_EQ(done, 2);
  try {
    each.finish();
    ADD_FAILURE() << "nothing came out";
  } catch (int first) {
    EXPECT_EQ(first, 1);
  }
  each.finish();
}

TEST(Undo, TakesAStepBackUnlessAllIsDone) {
  int steps = 0;
  const auto take = [&](bool is_whole) {
    ++steps;
    undo back{[&] { --steps; }};
    if (is_whole)
      back.keep();
  };
  take(false);
  EXPECT_EQ(steps, 0);
  take(true);
  EXPECT_EQ(steps, 1);
}

} // namespace sallyport
