#include <gtest/gtest.h>

#include "tests/support/turn/turn_test.hpp"

namespace sallyport::turn {
namespace {

using test::turn_client;
using test::turn_world;
using test::world_options;

} // namespace

TEST(TurnLimits, RefuseMoreAllocationsOfAUserThanTheyMay) {
  world_options options;
  options.pool.allocations_per_user_max = 1;
  turn_world world{options};
  turn_client first{"198.51.100.1:5000", "alice", "alice secret"};
  turn_client second{"198.51.100.1:5001", "alice", "alice secret"};
  turn_client other{"198.51.100.1:5002", "bob", "bob secret"};
  EXPECT_EQ(world.allocate(first).code, 0u);
  EXPECT_EQ(world.allocate(second).code, 486u);
  EXPECT_EQ(world.allocate(other).code, 0u);
  EXPECT_EQ(world.ask(first, first.refresh(0)).code, 0u);
  EXPECT_EQ(world.ask(second, second.allocate()).code, 0u);
}

TEST(TurnLimits, RefuseMoreAllocationsThanPorts) {
  world_options options;
  options.last_port = static_cast<std::uint16_t>(options.first_port + 1);
  turn_world world{options};
  for (const auto expected : {0u, 0u, 508u}) {
    static int port = 5000;
    turn_client each{"198.51.100.1:" + std::to_string(port++), "alice", "alice secret"};
    EXPECT_EQ(world.allocate(each).code, expected);
  }
  EXPECT_EQ(world.server.allocations(), 2u);
}

TEST(TurnLimits, RefuseMoreAllocationsThanTheNodeMayHave) {
  world_options options;
  options.pool.allocations_max = 1;
  turn_world world{options};
  turn_client first{"198.51.100.1:5000", "alice", "alice secret"};
  turn_client second{"198.51.100.1:5001", "bob", "bob secret"};
  EXPECT_EQ(world.allocate(first).code, 0u);
  EXPECT_EQ(world.allocate(second).code, 508u);
  EXPECT_EQ(world.pool.allocations(), 1u);
}

TEST(TurnLimits, HoldNoMoreRequestsOfAnAllocationThanItMay) {
  turn_world world;
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  (void)world.allocate(alice);
  world.holds_answers = true;
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(world.receive(alice, alice.permit({"192.0.2.1"})).dropped, "held");
  EXPECT_EQ(world.ask(alice, alice.permit({"192.0.2.1"})).code, 508u);
  EXPECT_EQ(world.ask(alice, alice.bind(0x4000, "192.0.2.1:1")).code, 508u);
  EXPECT_EQ(world.receive(alice, alice.refresh(600)).dropped, "refresh_without_room");
  while (!world.asked.empty())
    EXPECT_EQ(alice.read(world.answer_next().reply.value())->code, 0u);
  EXPECT_EQ(world.receive(alice, alice.refresh(600)).dropped, "held");
}

TEST(TurnLimits, HoldNoMoreRequestsOfALaneThanItMay) {
  world_options options;
  options.server.requests_in_flight_max = 2;
  turn_world world{options};
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  turn_client bob{"198.51.100.2:5000", "bob", "bob secret"};
  (void)world.allocate(alice);
  world.introduce(bob);
  world.holds_answers = true;
  (void)world.receive(alice, alice.permit({"192.0.2.1"}));
  (void)world.receive(alice, alice.permit({"192.0.2.1"}));
  EXPECT_EQ(world.server.requests_in_flight(), 2u);
  EXPECT_EQ(world.ask(bob, bob.allocate()).code, 508u);
  EXPECT_EQ(world.pool.allocations(), 1u);
}

TEST(TurnLimits, TryAnotherPortWhenOneIsAnothersAndGiveUpInTime) {
  turn_world world;
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  world.introduce(alice);
  unsigned tried = 0;
  world.can_bind = [&](std::uint16_t) { return ++tried == 3; };
  const auto answer = world.ask(alice, alice.allocate());
  EXPECT_EQ(answer.code, 0u);
  EXPECT_EQ(tried, 3u);
  EXPECT_EQ(world.ask(alice, alice.refresh(0)).code, 0u);

  tried = 100;
  const auto refused = world.ask(alice, alice.allocate());
  EXPECT_EQ(refused.code, 508u);
  EXPECT_TRUE(refused.is_signed);
  EXPECT_EQ(tried, 100u + server::ports_tried_max);
  expect_nothing_left(world);
}

TEST(TurnLimits, TryNoOtherPortWhereNoSocketIsToBeHadAndCoolNoPortDown) {
  turn_world world;
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  world.introduce(alice);
  unsigned tried = 0;
  world.can_bind = [&](std::uint16_t) { return ++tried == 0; };
  world.why_not = socket_refusal::socket;

  EXPECT_EQ(world.ask(alice, alice.allocate()).code, 508u);
  EXPECT_EQ(tried, 1u);
  EXPECT_EQ(world.pool.ports().cooling(), 0u);
  expect_nothing_left(world);
}

} // namespace sallyport::turn
