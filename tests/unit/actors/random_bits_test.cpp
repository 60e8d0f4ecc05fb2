#include <gtest/gtest.h>

#include <set>

#include "actors/random_bits.hpp"

namespace sallyport::actors {

TEST(RandomBits, NeverRepeatAlsoPastABatchAndBetweenTwo) {
  random_bits first;
  random_bits second;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) { // A repetition by chance: 1 in 2^43.
    seen.insert(first.next());
    seen.insert(second.next());
  }
  EXPECT_EQ(seen.size(), 2'000u);
}

TEST(RandomBits, EveryBitIsUsed) {
  random_bits bits;
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (int i = 0; i < 200; ++i) {
    const auto drawn = bits.next();
    ones |= drawn;
    zeros |= ~drawn;
  }
  EXPECT_EQ(ones, UINT64_MAX);
  EXPECT_EQ(zeros, UINT64_MAX);
}

} // namespace sallyport::actors
