#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/support/turn/turn_test.hpp"

// This program counts what it takes from the heap: what the unauthenticated cause must be given back, and the media
// path takes nothing at all.
namespace {
std::atomic<std::int64_t> blocks_taken{0};
std::atomic<std::int64_t> blocks_held{0};
} // namespace

void* operator new(std::size_t size) {
  if (void* block = std::malloc(size ? size : 1)) {
    ++blocks_taken;
    ++blocks_held;
    return block;
  }
  throw std::bad_alloc{};
}
void operator delete(void* block) noexcept {
  if (block)
    --blocks_held;
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}

namespace sallyport::turn {
namespace {

using test::bytes;
using test::turn_client;
using test::turn_world;

/// 64 different messages that no one who has authenticated sends.
std::vector<bytes> unauthenticated_requests(turn_world& world) {
  turn_client unauthenticated{"198.51.100.66:5000", "alice", "guess"};
  turn_client nobody{"198.51.100.66:5000", "1795000000:nobody", "guess"};
  turn_client elsewhere{"198.51.100.1:9", "alice", "alice secret"};
  world.introduce(elsewhere); // A right password, and another's nonce.
  std::vector<bytes> all;
  for (auto* each : {&unauthenticated, &nobody, &elsewhere})
    for (int i = 0; i < 4; ++i) {
      all.push_back(each->first_allocate());
      all.push_back(each->allocate());
      all.push_back(each->refresh(600));
      all.push_back(each->permit({"192.0.2.1"}));
      all.push_back(each->bind(0x4000, "192.0.2.1:4000"));
    }
  all.push_back(unauthenticated.bare(stun::method::binding));
  all.push_back(unauthenticated.send("192.0.2.1:4000", "x"));
  all.push_back(unauthenticated.channel_data(0x4000, "x"));
  all.push_back(test::bytes_of("GET / HTTP/1.1\r\n\r\n"));
  return all;
}

} // namespace

TEST(TurnMemory, KeepsNothingForWhoHasNotAuthenticated) {
  turn_world world;
  const auto messages = unauthenticated_requests(world);
  std::array<std::byte, server::reply_bytes_max> room;
  std::size_t answered = 0;
  const auto flood = [&](std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const endpoint from{ip_address::v4(0x0A000000U + i), static_cast<std::uint16_t>(1024 + i % 50'000)};
      world.now += milliseconds{i % 8 == 0};
      const auto decided = world.server.receive({from, 0, world.this_moment(), i}, messages[i % messages.size()], room);
      ASSERT_FALSE(std::holds_alternative<open_socket>(decided) || std::holds_alternative<ask>(decided) ||
                   std::holds_alternative<to_peer>(decided));
      answered += std::holds_alternative<reply>(decided);
    }
  };
  flood(100); // What is made once.
  const auto before = blocks_held.load();
  flood(200'000);
  EXPECT_EQ(blocks_held.load(), before);
  EXPECT_GT(answered, 0u);
  expect_nothing_left(world);
  EXPECT_EQ(world.actors_made, 0u);
}

TEST(TurnMemory, TakesNothingToRelayAPacket) {
  turn_world world;
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  (void)world.allocate(alice);
  (void)world.ask(alice, alice.bind(0x4000, "192.0.2.1:4000"));
  (void)world.ask(alice, alice.permit({"192.0.2.2"}));
  const auto id = world.ids().front();
  const auto bound = *endpoint::parse("192.0.2.1:4000");
  const auto permitted = *endpoint::parse("192.0.2.2:4000");
  const auto unknown = *endpoint::parse("192.0.2.3:4000");
  const auto channel_data = alice.channel_data(0x4000, "payload");
  const auto indication = alice.send("192.0.2.2:4000", "payload");
  const auto unbound = alice.channel_data(0x4001, "payload");
  const auto refused = alice.send("192.0.2.3:4000", "payload");
  std::array<std::byte, server::headroom_bytes + 100 + server::tailroom_bytes> room{};

  const auto before = blocks_taken.load();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(world.server.relay_channel_data(alice.at, 0, channel_data));
    ASSERT_FALSE(world.server.relay_channel_data(alice.at, 0, unbound));
    ASSERT_TRUE(world.server.relay_from_peer(id, bound, room, 100));
    ASSERT_TRUE(world.server.relay_from_peer(id, permitted, room, 99));
    ASSERT_FALSE(world.server.relay_from_peer(id, unknown, room, 99));
    const arrival from{alice.at, 0, world.this_moment(), 0};
    ASSERT_TRUE(std::holds_alternative<to_peer>(world.server.receive(from, indication, room)));
    ASSERT_TRUE(std::holds_alternative<drop_reason>(world.server.receive(from, refused, room)));
  }
  EXPECT_EQ(blocks_taken.load(), before);
  EXPECT_EQ(world.server.counts(id)->packets_to_peers, 2000u);
}

static_assert(noexcept(std::declval<server&>().relay_channel_data({}, 0, {})));
static_assert(noexcept(std::declval<server&>().relay_from_peer({}, {}, {}, 0)));

} // namespace sallyport::turn
