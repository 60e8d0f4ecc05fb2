#include <gtest/gtest.h>

#include "net/io/next_hop_table.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;

constexpr time_point epoch{1h};
constexpr sip::next_hop first{0};
constexpr sip::next_hop second{1};
constexpr sip::flow_id to_first{1, 0, 4, 1};
constexpr sip::flow_id to_second{1, 0, 5, 1};
constexpr sip::flow_id of_a_phone{1, 0, 6, 1};

} // namespace

TEST(NextHopTable, HasNoLinkPastItsLast) {
  next_hop_table hops{2, {}};
  EXPECT_NE(hops.find(first), nullptr);
  EXPECT_NE(hops.find(second), nullptr);
  EXPECT_NE(hops.find(first), hops.find(second));
  EXPECT_EQ(hops.find(sip::next_hop{2}), nullptr);
  EXPECT_EQ(hops.find(sip::next_hop{UINT16_MAX}), nullptr);
}

TEST(NextHopTable, WithoutAnyKnowsNoneByNumberOrFlow) {
  next_hop_table hops{0, {}};
  EXPECT_EQ(hops.find(first), nullptr);
  EXPECT_FALSE(hops.hop_of(of_a_phone));
  EXPECT_EQ(hops.connections(), 0u);
}

TEST(NextHopTable, FindsEachByItsFlowWhileItHasOne) {
  next_hop_table hops{2, {}};
  EXPECT_FALSE(hops.hop_of(to_second));
  hops.find(second)->begun(to_second);
  hops.find(first)->begun(to_first);
  EXPECT_EQ(hops.hop_of(to_first), first);
  EXPECT_EQ(hops.hop_of(to_second), second);
  EXPECT_FALSE(hops.hop_of(of_a_phone));

  std::ignore = hops.find(second)->opened();
  EXPECT_EQ(hops.hop_of(to_second), second);
  std::ignore = hops.find(second)->lost(epoch);
  EXPECT_FALSE(hops.hop_of(to_second));
  EXPECT_EQ(hops.hop_of(to_first), first);
}

TEST(NextHopTable, TakesTheNameOfNothingForNobodysConnection) {
  const next_hop_table hops{2, {}}; // Both down.
  EXPECT_FALSE(hops.hop_of(sip::flow_id{}));
}

TEST(NextHopTable, CountsConnectionsThatStandOrAreBeingMade) {
  next_hop_table hops{2, {}};
  EXPECT_EQ(hops.connections(), 0u);
  hops.find(second)->begun(to_second);
  EXPECT_EQ(hops.connections(), 1u);
  std::ignore = hops.find(second)->opened();
  hops.find(first)->begun(to_first);
  EXPECT_EQ(hops.connections(), 2u);
  std::ignore = hops.find(first)->lost(epoch);
  EXPECT_EQ(hops.connections(), 1u);
}

TEST(NextHopTable, OneCoolsDownAndTheOtherDoesNot) {
  next_hop_table hops{2, {.cooldown_after_failure = 500ms}};
  hops.find(second)->begun(to_second);
  std::ignore = hops.find(second)->lost(epoch);
  EXPECT_FALSE(hops.find(second)->may_connect(epoch + 499ms));
  EXPECT_TRUE(hops.find(first)->may_connect(epoch + 499ms));
}

} // namespace sallyport::io
