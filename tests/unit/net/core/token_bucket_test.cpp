#include <gtest/gtest.h>

#include "net/core/token_bucket.hpp"

namespace sallyport {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{};

TEST(TokenBucket, LetsTheBurstPassAndNotOneMore) {
  token_bucket bucket;
  const token_rate rate{.per_second = 10, .burst = 3};
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(bucket.take(t0, rate));

  EXPECT_FALSE(bucket.take(t0, rate));
  EXPECT_FALSE(bucket.take(t0 + 99ms, rate));
  EXPECT_TRUE(bucket.take(t0 + 100ms, rate));
  EXPECT_FALSE(bucket.take(t0 + 100ms, rate));
}

TEST(TokenBucket, HoldsNoMoreThanItsBurstAfterALongRest) {
  token_bucket bucket;
  const token_rate rate{.per_second = 10, .burst = 2};
  EXPECT_TRUE(bucket.take(t0, rate));
  EXPECT_FALSE(bucket.is_full(t0));
  EXPECT_TRUE(bucket.is_full(t0 + 1h));

  EXPECT_TRUE(bucket.take(t0 + 1h, rate));
  EXPECT_TRUE(bucket.take(t0 + 1h, rate));
  EXPECT_FALSE(bucket.take(t0 + 1h, rate));
}

TEST(TokenBucket, ARateOrABurstOfZeroLetsNothingPass) {
  token_bucket bucket;
  EXPECT_FALSE(bucket.take(t0, {.per_second = 0, .burst = 5}));
  EXPECT_FALSE(bucket.take(t0, {.per_second = 5, .burst = 0}));
}

} // namespace
} // namespace sallyport
