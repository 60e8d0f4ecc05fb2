#include <gtest/gtest.h>

#include "net/io/next_hop_link.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{1h};
constexpr sip::flow_id flow{1, 0, 4, 1};

sip::send message(std::uint32_t number) {
  return {.to = sip::next_hop{}, .source = {}, .by = {{1, 0, 1, 1}, number}, .bytes = {}};
}

std::vector<std::uint32_t> numbers_of(const std::vector<sip::send>& messages) {
  std::vector<std::uint32_t> numbers;
  for (const auto& each : messages)
    numbers.push_back(each.by.number);
  return numbers;
}

} // namespace

TEST(NextHopLink, IsDownAndMayConnectAtOnce) {
  next_hop_link link{{}};
  EXPECT_TRUE(link.may_connect(t0));
  EXPECT_FALSE(link.is_connecting());
  EXPECT_FALSE(link.flow());
  EXPECT_FALSE(link.wait(message(1))) << "nothing is on its way";
}

TEST(NextHopLink, KeepsWhatIsSentMeanwhileAndGivesItBackInOrder) {
  next_hop_link link{{}};
  link.begun(flow);
  EXPECT_TRUE(link.is_connecting());
  EXPECT_FALSE(link.may_connect(t0));
  EXPECT_EQ(link.flow(), flow);
  EXPECT_TRUE(link.wait(message(1)));
  EXPECT_TRUE(link.wait(message(2)));

  EXPECT_EQ(numbers_of(link.opened()), (std::vector<std::uint32_t>{1, 2}));
}

TEST(NextHopLink, ThatIsUpKeepsItsFlowAndNoMessage) {
  next_hop_link link{{}};
  link.begun(flow);
  std::ignore = link.opened();
  EXPECT_FALSE(link.is_connecting());
  EXPECT_EQ(link.flow(), flow);
  EXPECT_FALSE(link.wait(message(1))) << "it can be sent";
  EXPECT_FALSE(link.may_connect(t0));
}

TEST(NextHopLink, OpensOnlyWhatWasBeingMade) {
  next_hop_link link{{}};
  EXPECT_THROW(std::ignore = link.opened(), std::bad_variant_access);
  link.begun(flow);
  std::ignore = link.opened();
  EXPECT_THROW(std::ignore = link.opened(), std::bad_variant_access);
}

TEST(NextHopLink, OnePastWaitingMaxIsTurnedAway) {
  next_hop_link link{{.waiting_max = 2}};
  link.begun(flow);
  EXPECT_TRUE(link.wait(message(1)));
  EXPECT_TRUE(link.wait(message(2)));
  EXPECT_FALSE(link.wait(message(3)));
  EXPECT_EQ(numbers_of(link.opened()), (std::vector<std::uint32_t>{1, 2}));
}

TEST(NextHopLink, CoolsDownAfterAConnectionThatCouldNotBeMade) {
  next_hop_link link{{.cooldown_after_failure = 500ms}};
  link.begun(flow);
  ASSERT_TRUE(link.wait(message(1)));
  EXPECT_EQ(numbers_of(link.lost(t0)), std::vector<std::uint32_t>{1});
  EXPECT_FALSE(link.flow());
  EXPECT_FALSE(link.wait(message(2))) << "nothing is on its way";
  EXPECT_FALSE(link.may_connect(t0 + 499ms));
  EXPECT_TRUE(link.may_connect(t0 + 500ms));
}

TEST(NextHopLink, DoesNotCoolDownAfterOneThatStood) {
  next_hop_link link{{}};
  link.begun(flow);
  std::ignore = link.opened();
  EXPECT_TRUE(link.lost(t0).empty());
  EXPECT_FALSE(link.flow());
  EXPECT_TRUE(link.may_connect(t0));
}

} // namespace sallyport::io
