#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/turn/turn_test.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using test::expect_nothing_left;
using test::turn_client;

class TurnAnswers : public test::turn_test {
protected:
  TurnAnswers() { world_.introduce(alice_); }
};

} // namespace

TEST_F(TurnAnswers, GiveARepeatedAllocateTheSameAnswerAndMakeNoSecondActor) {
  const auto request = alice_.allocate([](auto& writer) {
    writer.put(stun::attribute::even_port, std::array{std::byte{0x80}});
    writer.put_u32(stun::attribute::lifetime, 900);
  });
  const auto first = world_.receive(alice_, request);
  world_.pass(1s);
  const auto second = world_.receive(alice_, request);
  ASSERT_TRUE(first.reply && second.reply);
  EXPECT_EQ(*first.reply, *second.reply);
  EXPECT_EQ(alice_.read(*second.reply)->lifetime, 900s);
  EXPECT_EQ(world_.actors_made, 1u);
  EXPECT_EQ(world_.server.allocations(), 1u);
}

TEST_F(TurnAnswers, KeepTheAnswerOfARepeatedAllocateFromAnotherUser) {
  const auto first = world_.ask(alice_, alice_.allocate());
  turn_client bob{"198.51.100.1:5000", "bob", "bob secret"};
  world_.introduce(bob);
  bob.transactions = alice_.transactions - 1;
  const auto answer = world_.ask(bob, bob.allocate());
  EXPECT_EQ(answer.transaction, first.transaction);
  EXPECT_EQ(answer.code, 437u);
}

TEST_F(TurnAnswers, DropARequestThatComesAgainWhileItWaits) {
  world_.holds_answers = true;
  const auto allocate = alice_.allocate();
  EXPECT_EQ(world_.receive(alice_, allocate).dropped, "held");
  EXPECT_EQ(world_.receive(alice_, allocate).dropped, "retransmission");
  EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 437u);   // Another one on the same 5-tuple.
  EXPECT_EQ(world_.ask(alice_, alice_.refresh(600)).code, 437u); // There is no allocation yet.
  EXPECT_TRUE(world_.answer_next().reply);

  const auto permit = alice_.permit({"192.0.2.1"});
  EXPECT_EQ(world_.receive(alice_, permit).dropped, "held");
  EXPECT_EQ(world_.receive(alice_, permit).dropped, "retransmission");
  EXPECT_TRUE(world_.answer_next().reply);
  EXPECT_EQ(world_.receive(alice_, permit).dropped, "held"); // Answered before: asked again, it only refreshes.
  EXPECT_EQ(alice_.read(world_.answer_next().reply.value())->code, 0u);
  EXPECT_EQ(world_.server.permissions(), 1u);
}

TEST_F(TurnAnswers, HaveTheirRowsBeforeTheClientReadsOfThem) {
  (void)world_.ask(alice_, alice_.allocate());
  world_.holds_answers = true;
  (void)world_.receive(alice_, alice_.bind(0x4000, "192.0.2.1:4000"));
  EXPECT_EQ(world_.channel_data(alice_, alice_.channel_data(0x4000, "early")).dropped, "no_channel");
  EXPECT_TRUE(world_.answer_next().reply);
  const auto relayed = world_.channel_data(alice_, alice_.channel_data(0x4000, "directly behind"));
  ASSERT_TRUE(relayed.to_peer);
  EXPECT_EQ(relayed.to_peer->first, *endpoint::parse("192.0.2.1:4000"));
  EXPECT_EQ(relayed.to_peer->second, "directly behind");
}

TEST_F(TurnAnswers, LeaveNothingOfAnAllocationThatRanOut) {
  (void)world_.ask(alice_, alice_.allocate());
  (void)world_.ask(alice_, alice_.bind(0x4000, "192.0.2.1:4000"));
  world_.pass(600s - 1ms);
  EXPECT_EQ(world_.server.allocations(), 1u);
  world_.pass(1ms);
  expect_nothing_left(world_);
  EXPECT_EQ(world_.ask(alice_, alice_.refresh(600)).code, 437u);
}

TEST_F(TurnAnswers, LeaveNothingOfAnAllocationWhoseActorDied) {
  (void)world_.ask(alice_, alice_.allocate());
  (void)world_.ask(alice_, alice_.bind(0x4000, "192.0.2.1:4000"));
  world_.holds_answers = true;
  (void)world_.receive(alice_, alice_.permit({"192.0.2.7"}));
  const auto id = world_.ids().front();
  world_.lose(id);
  expect_nothing_left(world_);
  EXPECT_EQ(world_.server.counts(id), nullptr);
  world_.server.lost(id, world_.now); // Once is enough: no port goes back twice.
  expect_nothing_left(world_);
  EXPECT_EQ(world_.ask(alice_, alice_.permit({"192.0.2.7"})).code, 437u);
}

TEST_F(TurnAnswers, LeaveNothingOfAnAllocateWhoseActorDied) {
  world_.holds_answers = true;
  const auto request = alice_.allocate();
  (void)world_.receive(alice_, request);
  world_.lose(world_.asked.front().id);
  expect_nothing_left(world_);
  world_.holds_answers = false;
  EXPECT_EQ(world_.ask(alice_, request).code, 0u); // The client sends it again.
}

TEST_F(TurnAnswers, LetWhatWaitsBehindTheEndWaitInVain) {
  (void)world_.ask(alice_, alice_.allocate());
  world_.holds_answers = true;
  (void)world_.receive(alice_, alice_.refresh(0));
  (void)world_.receive(alice_, alice_.permit({"192.0.2.1"}));
  const auto late = world_.asked.back();
  EXPECT_EQ(alice_.read(world_.answer_next().reply.value())->lifetime, 0s);
  expect_nothing_left(world_);

  allocation_answer answer{.request = late.event.request, .code = 437};
  answer.has_ended = true;
  std::array<std::byte, server::reply_bytes_max> room;
  const auto settled = world_.server.settle(late.id, answer, world_.now, room);
  EXPECT_FALSE(settled.out);
  EXPECT_FALSE(settled.has_ended);
  expect_nothing_left(world_);
}

TEST_F(TurnAnswers, DoNotReachTheAllocationThatHasTheRowNow) {
  (void)world_.ask(alice_, alice_.allocate());
  const auto former = world_.ids().front();
  (void)world_.ask(alice_, alice_.refresh(0));
  (void)world_.ask(alice_, alice_.allocate());
  const auto present = world_.ids().front();
  ASSERT_EQ(present.index, former.index);
  EXPECT_NE(present, former);

  allocation_answer late;
  late.has_ended = true;
  std::array<std::byte, server::reply_bytes_max> room;
  EXPECT_FALSE(world_.server.settle(former, late, world_.now, room).has_ended);
  world_.server.lost(former, world_.now);
  EXPECT_EQ(world_.server.allocations(), 1u);
  EXPECT_FALSE(world_.from_peer(former, *endpoint::parse("192.0.2.1:4000"), "late"));
}

TEST_F(TurnAnswers, NameNodeAndLaneOfAnAllocation) {
  (void)world_.ask(alice_, alice_.allocate());
  EXPECT_EQ(world_.ids().front().node, 1);
  EXPECT_EQ(world_.ids().front().lane, 2);
}

TEST_F(TurnAnswers, NeedAnOpenSocketOnce) {
  (void)world_.ask(alice_, alice_.allocate());
  std::array<std::byte, server::reply_bytes_max> room;
  EXPECT_THROW((void)world_.server.opened(world_.ids().front()), std::logic_error);
  world_.holds_answers = true;
  EXPECT_EQ(world_.receive(alice_, alice_.permit({"192.0.2.1"})).dropped, "held");
  EXPECT_THROW((void)world_.server.opened(world_.ids().front()), std::logic_error) << "what waits is no Allocate";
  EXPECT_THROW((void)world_.server.not_opened({}, socket_refusal::port, world_.now, 0, room), std::logic_error);
}

TEST_F(TurnAnswers, GiveEveryPortBackAfterManyAllocations) {
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 0u);
    EXPECT_EQ(world_.ask(alice_, alice_.permit({"192.0.2.1"})).code, 0u);
    if (i % 2 == 0) {
      EXPECT_EQ(world_.ask(alice_, alice_.refresh(0)).code, 0u);
    } else {
      world_.lose(world_.ids().front());
    }
    expect_nothing_left(world_);
  }
}

} // namespace sallyport::turn
