#include "net/core/fault.hpp"
#include "tests/unit/actors/av/lane_allocations_world.hpp"

namespace sallyport::test {
namespace {

/// A lane of the A/V Edge and what one client does there, whatever it hears. At the end nothing may live, as ever.
class faulty_relays : public lane_allocations_world {
public:
  void TestBody() override {}

  void say(std::span<const std::byte> request) {
    ali_.send(request);
    turn();
    while (const auto heard = ali_.receive())
      if (const auto answer = ali_.client.read(heard->datagram); answer && !answer->nonce.empty())
        ali_.client.nonce = answer->nonce;
  }
  /// An allocation, a permission, a channel, and a packet each way.
  void relay() {
    say(ali_.client.first_allocate());
    say(ali_.client.allocate());
    say(ali_.client.permit({peer_.local().address.text()}));
    say(ali_.client.bind(0x4000, peer_.local().text()));
    say(turn_client::channel_data(0x4000, "there"));
    if (const auto heard = peer_.receive())
      peer_.send(heard->from, "back");
    say(ali_.client.refresh(600));
  }
  void end() { say(ali_.client.refresh(0)); }
  void pass(seconds span) {
    now_ += span;
    turn();
  }

  void expect_others_served() {
    failures_planted_ = lane_.counters().handler_failures.read();
    auto ben = wire("ben");
    udp_wire peer;
    ASSERT_EQ(allocate(ben).code, 0u);
    EXPECT_EQ(ask(ben, ben.client.bind(0x4000, peer.local().text())).code, 0u);
    ben.send(turn_client::channel_data(0x4000, "over"));
    const auto heard = next(peer);
    ASSERT_TRUE(heard);
    EXPECT_EQ(heard->text(), "over");

    auto again = wire(); // The first one's user, too.
    EXPECT_EQ(allocate(again).code, 0u);
  }
  void expect_nothing_left() {
    pass(2h);
    for (const auto* gauge :
         {&counters().allocations, &counters().permissions, &counters().channels, &counters().requests_in_flight})
      EXPECT_EQ(gauge->read(), 0u);
    EXPECT_EQ(node_.pool.allocations(), 0u);
    EXPECT_EQ(actors(), 0u);
    EXPECT_EQ(lane_.timers(), 0u);
  }

private:
  turn_wire ali_ = wire();
  udp_wire peer_;
};

TEST(LaneAllocationsFaults, NothingIsLeftOfAnAllocationWhateverFailsInIt) {
  for (std::size_t nth = 1;; ++nth) {
    ASSERT_LT(nth, 1'000u);
    faulty_relays story;
    std::string where;
    {
      const fault::plan plan{nth};
      story.relay();
      story.pass(301s); // The permission ends.
      if (nth % 2 == 0)
        story.end();
      story.pass(1h); // The lifetime too.
      where = plan.where();
    }
    SCOPED_TRACE(testing::Message() << "failed at point " << nth << ", " << where);
    story.expect_others_served();
    story.expect_nothing_left();
    if (where.empty()) {
      EXPECT_GT(nth, 20u);
      return;
    }
    if (testing::Test::HasFailure())
      return;
  }
}

} // namespace
} // namespace sallyport::test
