#include <gtest/gtest.h>

#include "net/io/next_hop_link.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{1h};
constexpr sip::flow_id flow{1, 0, 4, 1};

/// A request outside a dialog.
sip::send message(std::uint32_t number, std::size_t bytes = 100) {
  return {.to = sip::next_hop{},
          .source = {},
          .by = {{1, 0, 1, 1}, number},
          .bytes = std::make_shared<const std::string>(bytes, 'x'),
          .is_new = true};
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
  EXPECT_THROW(link.wait(message(1)), std::bad_variant_access) << "nothing is on its way";
}

TEST(NextHopLink, KeepsWhatIsSentMeanwhileAndGivesItBackInOrder) {
  next_hop_link link{{}};
  link.begun(flow);
  EXPECT_TRUE(link.is_connecting());
  EXPECT_FALSE(link.may_connect(t0));
  EXPECT_EQ(link.flow(), flow);
  link.wait(message(1));
  link.wait(message(2));

  EXPECT_EQ(numbers_of(link.opened()), (std::vector<std::uint32_t>{1, 2}));
}

TEST(NextHopLink, ThatIsUpKeepsItsFlowAndNoMessage) {
  next_hop_link link{{}};
  link.begun(flow);
  std::ignore = link.opened();
  EXPECT_FALSE(link.is_connecting());
  EXPECT_EQ(link.flow(), flow);
  EXPECT_THROW(link.wait(message(1)), std::bad_variant_access) << "it can be sent";
  EXPECT_FALSE(link.may_connect(t0));
}

TEST(NextHopLink, OpensOnlyWhatWasBeingMade) {
  next_hop_link link{{}};
  EXPECT_THROW(std::ignore = link.opened(), std::bad_variant_access);
  link.begun(flow);
  std::ignore = link.opened();
  EXPECT_THROW(std::ignore = link.opened(), std::bad_variant_access);
}

TEST(NextHopLink, HasRoomForSoManyBytesAndAnEighthMoreForWhatIsNotNew) {
  next_hop_link link{{.queue_bytes_max = 800}};
  link.begun(flow);
  auto answer = message(2);
  answer.is_new = false;
  link.wait(message(1, 700));
  EXPECT_TRUE(link.has_room(message(2, 100), 0));
  EXPECT_FALSE(link.has_room(message(2, 101), 0));
  link.wait(message(2, 100));
  EXPECT_FALSE(link.has_room(message(3, 1), 0));
  EXPECT_TRUE(link.has_room(answer, 0));
  link.wait(answer);
  EXPECT_FALSE(link.has_room(answer, 0));

  std::ignore = link.opened(); // From here on it is the connection that has what was not sent.
  EXPECT_TRUE(link.has_room(message(3), 700));
  EXPECT_FALSE(link.has_room(message(3), 701));
  EXPECT_TRUE(link.has_room(answer, 800));
  EXPECT_FALSE(link.has_room(answer, 801));
}

TEST(NextHopLink, CoolsDownAfterAConnectionThatCouldNotBeMade) {
  next_hop_link link{{.cooldown_after_failure = 500ms}};
  link.begun(flow);
  link.wait(message(1));
  EXPECT_EQ(numbers_of(link.lost(t0)), std::vector<std::uint32_t>{1});
  EXPECT_FALSE(link.flow());
  EXPECT_THROW(link.wait(message(2)), std::bad_variant_access) << "nothing is on its way";
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
