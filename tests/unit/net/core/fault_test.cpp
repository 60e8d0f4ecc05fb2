#include <gtest/gtest.h>

#include <thread>

#include "net/core/fault.hpp"

namespace sallyport {

TEST(Fault, IsPlantedAtTheNthPointOfItsThreadAndThereOnce) {
  fault::plan plan{2};
  fault::point("one");
  std::thread{[] { fault::point("elsewhere"); }}.join();
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

} // namespace sallyport
