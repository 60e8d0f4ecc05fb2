#include <gtest/gtest.h>

#include "net/core/source_budget.hpp"

namespace sallyport {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{};
constexpr siphash hash{1, 2};

ip_address address(const char* text) {
  return *ip_address::parse(text);
}

TEST(SourceBudget, LetsASourceHaveItsBurstAndNotOneMoreUntilTimeHasPassed) {
  source_budget budget{{.per_second = 10, .burst = 2}, hash};
  const auto source = address("192.0.2.1");
  EXPECT_TRUE(budget.take(source, 1, t0));
  EXPECT_TRUE(budget.take(source, 1, t0));

  EXPECT_FALSE(budget.take(source, 1, t0));
  EXPECT_FALSE(budget.take(source, 1, t0 + 99ms));
  EXPECT_TRUE(budget.take(source, 1, t0 + 100ms));
}

TEST(SourceBudget, CountsBytesAndGivesAllOrNone) {
  source_budget budget{{.per_second = 1'000, .burst = 100}, hash};
  const auto source = address("192.0.2.1");
  EXPECT_FALSE(budget.take(source, 101, t0)) << "never";
  EXPECT_TRUE(budget.take(source, 60, t0));

  EXPECT_FALSE(budget.take(source, 41, t0));
  EXPECT_TRUE(budget.take(source, 40, t0)) << "nothing was taken in vain";
  EXPECT_FALSE(budget.take(source, 20, t0 + 19ms));
  EXPECT_TRUE(budget.take(source, 20, t0 + 20ms));
  EXPECT_FALSE(budget.take(source, std::size_t{1} << 32, t0 + 1h)) << "more than the bucket can count";
}

TEST(SourceBudget, OneSourcesFloodLeavesAnothersBudgetAlone) {
  source_budget budget{{.per_second = 1, .burst = 1}, hash};
  for (int i = 0; i < 100; ++i)
    (void)budget.take(address("192.0.2.1"), 1, t0);

  EXPECT_TRUE(budget.take(address("192.0.2.2"), 1, t0));
}

TEST(SourceBudget, AnIpv6SubnetIsOneSource) {
  source_budget budget{{.per_second = 1, .burst = 1}, hash};
  EXPECT_TRUE(budget.take(address("2001:db8::1"), 1, t0));

  EXPECT_FALSE(budget.take(address("2001:db8::2"), 1, t0));
  EXPECT_TRUE(budget.take(address("2001:db8:0:1::1"), 1, t0));
}

TEST(SourceBudget, SourcesThatMeetInOneBucketShareIt) {
  source_budget budget{{.per_second = 1, .burst = 1}, hash, 1};
  EXPECT_TRUE(budget.take(address("192.0.2.1"), 1, t0));

  EXPECT_FALSE(budget.take(address("192.0.2.2"), 1, t0));
}

TEST(SourceBudget, AnotherKeyBringsOthersTogether) {
  // With two buckets, 64 sources under one key all agree with those under another only if the key did nothing.
  source_budget one{{.per_second = 1, .burst = 64}, siphash{1, 2}, 2};
  source_budget other{{.per_second = 1, .burst = 64}, siphash{3, 4}, 2};
  const auto first = address("192.0.2.0");
  for (int i = 0; i < 64; ++i) {
    (void)one.take(first, 1, t0);
    (void)other.take(first, 1, t0);
  }
  int differences = 0;
  for (std::uint32_t i = 1; i <= 64; ++i) {
    const auto source = ip_address::v4(0xC0000200U + i);
    source_budget one_now = one;
    source_budget other_now = other;
    differences += one_now.take(source, 1, t0) != other_now.take(source, 1, t0);
  }
  EXPECT_GT(differences, 0);
}

TEST(SourceBudget, HasAtLeastOneBucket) {
  EXPECT_THROW((source_budget{{.per_second = 1, .burst = 1}, hash, 0}), std::invalid_argument);
}

} // namespace
} // namespace sallyport
