#include <gtest/gtest.h>

#include <new>
#include <tuple>

#include "net/core/fault.hpp"
#include "net/turn/relay_quotas.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using kind = port_request::kind;

constexpr time_point t0{};
constexpr port_request any{};

relay_quotas quotas(std::uint16_t first, std::uint16_t last, const relay_limits& limits = {}) {
  return {relay_ports{first, last, 2min}, limits, siphash{1, 2}};
}

relay_refusal refusal_of(const result<relay_lease, relay_refusal>& answer) {
  EXPECT_FALSE(answer.has_value());
  return answer.error();
}

TEST(RelayQuotas, RefusesAUserOnePastTheQuotaAndNobodyElse) {
  auto pool = quotas(50'000, 50'009, {.allocations_max = 100, .allocations_per_user_max = 2});
  const auto first = pool.take("alice", any, t0, 1);
  ASSERT_TRUE(first);
  ASSERT_TRUE(pool.take("alice", any, t0, 2));

  EXPECT_EQ(refusal_of(pool.take("alice", any, t0, 3)), relay_refusal::quota);
  EXPECT_TRUE(pool.take("bob", any, t0, 3));
  pool.give_back("alice", first->port, t0);
  EXPECT_TRUE(pool.take("alice", any, t0, 3));
}

TEST(RelayQuotas, RefusesOneAllocationPastTheNodesLimit) {
  auto pool = quotas(50'000, 50'009, {.allocations_max = 2, .allocations_per_user_max = 2});
  const auto first = pool.take("alice", any, t0, 1);
  ASSERT_TRUE(first && pool.take("bob", any, t0, 2));

  EXPECT_EQ(refusal_of(pool.take("carol", any, t0, 3)), relay_refusal::capacity);
  EXPECT_EQ(pool.allocations(), 2u);
  pool.give_back("alice", first->port, t0);
  EXPECT_TRUE(pool.take("carol", any, t0, 3));
}

TEST(RelayQuotas, RefusesForWantOfPortsWithoutCountingTheUser) {
  auto pool = quotas(50'000, 50'000);
  const auto only = pool.take("alice", any, t0, 1);
  ASSERT_TRUE(only);
  EXPECT_EQ(refusal_of(pool.take("bob", any, t0, 2)), relay_refusal::capacity);
  EXPECT_EQ(pool.identities(), 1u);

  pool.give_back("alice", only->port, t0);
  EXPECT_TRUE(pool.take("bob", any, t0, 2));
}

TEST(RelayQuotas, AUserWithinTheQuotaDoesNotUseUpThePortsOfOthers) {
  auto pool = quotas(50'000, 50'009, {.allocations_max = 100, .allocations_per_user_max = 1});
  for (std::uint64_t random = 0; random < 100; ++random) {
    const auto one = pool.take("mallory", any, t0, random);
    ASSERT_TRUE(one) << random;
    pool.give_back("mallory", one->port, t0);
  }
  EXPECT_TRUE(pool.take("alice", any, t0, 1));
}

TEST(RelayQuotas, RemembersNobodyWithoutAnAllocation) {
  auto pool = quotas(50'000, 50'009);
  const auto one = pool.take("alice", any, t0, 1);
  const auto other = pool.take("alice", any, t0, 2);
  pool.give_back("alice", one->port, t0);
  EXPECT_EQ(pool.identities(), 1u);
  pool.give_back("alice", other->port, t0);

  EXPECT_EQ(pool.identities(), 0u);
  EXPECT_EQ(pool.allocations(), 0u);
  EXPECT_EQ(pool.ports().cooling(), 2u);
}

TEST(RelayQuotas, LeasesWhatIsAskedFor) {
  auto pool = quotas(50'000, 50'003);
  const auto pair = pool.take("alice", {.want = kind::pair, .token = {std::byte{1}}}, t0, 0);
  ASSERT_TRUE(pair && pair->held);
  EXPECT_EQ(pair->port % 2, 0);
  const auto even = pool.take("alice", {.want = kind::even}, t0, 0);
  ASSERT_TRUE(even);
  EXPECT_EQ(even->port % 2, 0);
  EXPECT_FALSE(even->held);
  EXPECT_EQ(refusal_of(pool.take("alice", {.want = kind::even}, t0, 0)), relay_refusal::capacity);
  EXPECT_EQ(refusal_of(pool.take("alice", {.want = kind::pair}, t0, 0)), relay_refusal::capacity);

  const auto held = pool.take("alice", {.want = kind::token, .token = *pair->held}, t0, 0);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->port, pair->port + 1);
  EXPECT_EQ(refusal_of(pool.take("alice", {.want = kind::token, .token = *pair->held}, t0, 0)),
            relay_refusal::capacity);
}

TEST(RelayQuotas, AHeldPortCountsForNobodyUntilItIsClaimed) {
  auto pool = quotas(50'000, 50'001, {.allocations_max = 2, .allocations_per_user_max = 1});
  const auto pair = pool.take("alice", {.want = kind::pair}, t0, 0);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pool.allocations(), 1u);

  const port_request claim{.want = kind::token, .token = *pair->held};
  EXPECT_EQ(refusal_of(pool.take("alice", claim, t0, 0)), relay_refusal::quota);
  EXPECT_TRUE(pool.take("bob", claim, t0, 0)); // The refusal did not use the token up.
}

TEST(RelayQuotas, ReplacesAPortThatCannotBeBoundForTheSameRequest) {
  auto pool = quotas(50'000, 50'003, {.allocations_max = 1, .allocations_per_user_max = 1});
  const port_request request{.want = kind::even};
  const auto unusable = pool.take("alice", request, t0, 0);
  const auto usable = pool.replace(*unusable, request, t0, 0);
  ASSERT_TRUE(usable);
  EXPECT_NE(usable->port, unusable->port);
  EXPECT_EQ(usable->port % 2, 0);
  EXPECT_EQ(pool.allocations(), 1u);
  EXPECT_EQ(pool.ports().cooling(), 1u);

  pool.give_back("alice", usable->port, t0);
  EXPECT_EQ(pool.identities(), 0u);
}

TEST(RelayQuotas, ReplacingNeverBringsTheSamePortEvenWithoutACooldown) {
  relay_quotas pool{relay_ports{50'000, 50'001, 0ms}, {}, siphash{}};
  const auto unusable = pool.take("alice", any, t0, 0);
  for (std::uint64_t random = 0; random < 4; ++random) {
    auto tried = pool;
    EXPECT_NE(tried.replace(*unusable, any, t0, random)->port, unusable->port);
  }
}

TEST(RelayQuotas, ReplacingAPairMovesTheHoldToo) {
  auto pool = quotas(50'000, 50'003);
  const port_request request{.want = kind::pair, .token = {std::byte{1}, std::byte{2}, std::byte{3}}};
  const auto unusable = pool.take("alice", request, t0, 0);
  const auto usable = pool.replace(*unusable, request, t0, 0);
  ASSERT_TRUE(usable && usable->held);
  EXPECT_EQ(pool.ports().held(), 1u);

  EXPECT_FALSE(pool.take("bob", {.want = kind::token, .token = *unusable->held}, t0, 0));
  const auto claimed = pool.take("bob", {.want = kind::token, .token = *usable->held}, t0, 0);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->port, usable->port + 1);
}

TEST(RelayQuotas, AfterARefusedReplacementTheFirstLeaseStillStands) {
  auto pool = quotas(50'000, 50'001);
  const auto pair = pool.take("alice", {.want = kind::pair}, t0, 0);
  const port_request claim{.want = kind::token, .token = *pair->held};
  const auto claimed = pool.take("alice", claim, t0, 0);
  ASSERT_TRUE(claimed);
  EXPECT_EQ(refusal_of(pool.replace(*claimed, claim, t0, 0)), relay_refusal::capacity); // No other has this token.
  EXPECT_EQ(pool.allocations(), 2u);

  pool.give_back("alice", claimed->port, t0);
  pool.give_back("alice", pair->port, t0);
  EXPECT_EQ(pool.allocations(), 0u);
}

TEST(RelayQuotas, WhatIsPutBackUnusedIsFreeAtOnce) {
  auto pool = quotas(50'000, 50'001);
  const port_request pair{.want = kind::pair};
  const auto unused = pool.take("alice", pair, t0, 0);
  ASSERT_TRUE(unused);
  pool.put_back("alice", *unused, t0);

  EXPECT_EQ(pool.identities(), 0u);
  EXPECT_TRUE(pool.take("bob", pair, t0, 0));
  EXPECT_THROW(pool.put_back("alice", *unused, t0), std::logic_error);
}

TEST(RelayQuotas, GivingBackForTheWrongUserIsOurMistakeAndChangesNothing) {
  auto pool = quotas(50'000, 50'009);
  const auto lease = pool.take("alice", any, t0, 1);
  EXPECT_THROW(pool.give_back("bob", lease->port, t0), std::logic_error);
  EXPECT_EQ(pool.allocations(), 1u);
}

TEST(RelayQuotas, ALeaseThatCouldNotBeCountedGivesBothItsPortsBack) {
  auto pool = quotas(50'000, 50'001); // One pair.
  const port_request pair{.want = kind::pair, .token = {}};
  {
    const fault::plan first{1};
    EXPECT_THROW(std::ignore = pool.take("alice", pair, t0, 1), std::bad_alloc);
  }
  EXPECT_EQ(pool.identities(), 0u);
  EXPECT_TRUE(pool.take("alice", pair, t0, 2));
}

} // namespace
} // namespace sallyport::turn
