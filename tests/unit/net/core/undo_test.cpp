#include <gtest/gtest.h>

#include "net/core/undo.hpp"

namespace sallyport {

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
