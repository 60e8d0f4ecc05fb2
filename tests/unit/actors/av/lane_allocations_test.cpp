#include "tests/unit/actors/av/lane_allocations_world.hpp"

namespace sallyport::test {
namespace {

class LaneAllocations : public lane_allocations_world {};

TEST_F(LaneAllocations, AnAllocationIsOneActorAndARepeatedAllocateMakesNoSecond) {
  auto ali = wire();
  introduce(ali);
  EXPECT_EQ(actors(), 0u) << "nobody yet";
  const auto request = ali.client.allocate();
  ali.send(request);
  ali.send(request); // Before its actor has answered.
  const auto first = next(ali);
  ASSERT_TRUE(first);
  EXPECT_FALSE(ali.receive()) << "the retransmission waits for the same answer";
  EXPECT_EQ(actors(), 1u);

  ali.send(request);
  const auto again = next(ali);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->datagram, first->datagram);
  EXPECT_EQ(ali.client.read(again->datagram)->code, 0u);
  EXPECT_EQ(actors(), 1u);
  EXPECT_EQ(counters().allocations_opened.read(), 1u);
}

TEST_F(LaneAllocations, WhatIsSentDirectlyBehindTheChannelsSuccessIsRelayed) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  udp_wire peer;
  ali.send(ali.client.bind(0x4000, peer.local().text()));
  ali.send(turn_client::channel_data(0x4000, "early")); // Its channel is not there yet: dropped, not kept.
  std::optional<udp_wire::heard> success;
  for (int i = 0; i < 1'000 && !success; ++i) { // Not a turn more than the success takes.
    lane_.run_once(1ms);
    settle();
    success = ali.receive();
  }
  ASSERT_TRUE(success);
  ASSERT_EQ(ali.client.read(success->datagram)->code, 0u);
  ali.send(turn_client::channel_data(0x4000, "behind it"));
  const auto heard = next(peer);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text(), "behind it");
  EXPECT_EQ(heard->from.address, node_.relay_address);
}

TEST_F(LaneAllocations, ALifetimeThatEndsEndsTheActor) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  now_ += 599s;
  turn();
  EXPECT_EQ(actors(), 1u);
  now_ += 2s;
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(ask(ali, ali.client.refresh(600)).code, 437u);
}

TEST_F(LaneAllocations, ARefreshToZeroEndsTheActor) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  EXPECT_EQ(ask(ali, ali.client.refresh(0)).code, 0u);
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_EQ(allocations_.lost().read(), 0u) << "it ended in order";
}

TEST_F(LaneAllocations, AnActorThatDiesTakesItsAllocationAlongAndNoOther) {
  auto ali = wire();
  auto ben = wire("ben");
  ASSERT_EQ(allocate(ali).code, 0u);
  ASSERT_EQ(allocate(ben).code, 0u);
  // A second `open_request` breaks the machine's invariant.
  io::turn_user& allocations = allocations_;
  allocations.on_event({.node = 3, .lane = 2, .index = 0, .generation = 1},
                       {.request = 0, .what = turn::open_request{}});
  turn();
  EXPECT_EQ(tally_.sessions_failed.load(), 1u);
  EXPECT_EQ(allocations_.lost().read(), 1u);
  EXPECT_EQ(actors(), 1u);
  EXPECT_EQ(counters().allocations.read(), 1u);
  EXPECT_EQ(ask(ali, ali.client.refresh(600)).code, 437u);
  EXPECT_EQ(ask(ben, ben.client.refresh(600)).code, 0u);
}

TEST_F(LaneAllocations, AnAnswerOfAnActorWhoseAllocationIsGoneChangesNothing) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  ali.send(ali.client.refresh(600));
  lane_.run_once(5ms); // The actor has it; nobody runs it yet.
  endpoint_.lost({.node = 3, .lane = 2, .index = 0, .generation = 1});
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_FALSE(ali.receive());
  EXPECT_EQ(counters().allocations.read(), 0u);
}

} // namespace
} // namespace sallyport::test
