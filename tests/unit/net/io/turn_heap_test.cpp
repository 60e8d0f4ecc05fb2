#include <atomic>

#include "tests/unit/net/io/turn_world.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*, std::size_t),
                                                         void (*)(const volatile void*));
#endif

namespace sallyport::test {
namespace {

std::atomic<std::size_t> blocks_taken{0};

/// Counts what the process takes from the heap from here on. False: this build has no way to.
bool count_blocks() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_install_malloc_and_free_hooks([](const volatile void*, std::size_t) { ++blocks_taken; },
                                                   [](const volatile void*) {}) > 0;
#else
  return false;
#endif
}

class TurnHeap : public turn_world {};

TEST_F(TurnHeap, IsNotTouchedByTheMediaPath) {
  open();
  turn_wire bound{listener_};
  turn_wire indication{listener_, "ben"};
  udp_wire peer;
  const auto channel_relay = relay_of(allocate(bound));
  const auto indication_relay = relay_of(allocate(indication));
  EXPECT_EQ(ask(bound, bound.client.bind(0x4000, peer.local().text())).code, 0u);
  EXPECT_EQ(ask(indication, indication.client.permit({peer.local().address.text()})).code, 0u);
  constexpr std::uint64_t packets = 100;
  const auto send_all = [&] {
    for (std::uint64_t i = 0; i < packets; ++i) {
      bound.send(turn_client::channel_data(0x4000, "up"));
      bound.send(turn_client::channel_data(0x4001, "no such channel"));
      indication.send(indication.client.send(peer.local().text(), "up"));
      peer.send(channel_relay, "down");
      peer.send(indication_relay, "down");
    }
  };
  const auto relay_all = [&](std::uint64_t rounds) {
    return until([&] {
      return counters().packets_to_peers.read() == 2 * packets * rounds &&
             counters().packets_to_clients.read() == 2 * packets * rounds;
    });
  };
  send_all();
  ASSERT_TRUE(relay_all(1));

  if (!count_blocks())
    GTEST_SKIP() << "only builds with a sanitizer count blocks";
  send_all();
  const auto before = blocks_taken.load();
  ASSERT_TRUE(relay_all(2));
  const auto after = blocks_taken.load();
  EXPECT_GT(before, 0u); // The clients' own.
  EXPECT_EQ(after, before);
}

} // namespace
} // namespace sallyport::test
