#include <gtest/gtest.h>

#include "net/core/batch.hpp"

namespace sallyport {

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

} // namespace sallyport
