#include <malloc.h>

#include <array>
#include <cstdint>

#include "tests/unit/net/io/turn_world.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes(); // Debian's g++ 12 comes without its header.
#endif

namespace sallyport::test {
namespace {

/// Bytes of the heap in use. Resident memory would tell as much of the sanitizers, which keep what was freed.
std::size_t heap_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  return ::mallinfo2().uordblks;
#endif
}

class TurnFlood : public turn_world {
protected:
  static constexpr std::size_t sources = 8;

  /// A request of somebody who has not proved who he is; no two are alike.
  static bytes unauthenticated_request(turn_wire& at, const std::string& nonce, std::size_t i) {
    auto& unauthenticated = at.client;
    unauthenticated.nonce = i % 2 == 0 ? nonce : "forged" + std::to_string(i);
    switch (i % 5) {
    case 0:
      return at.client.first_allocate();
    case 1:
      return unauthenticated.bare(stun::method::create_permission);
    case 2:
      return unauthenticated.refresh(600);
    case 3:
      return unauthenticated.allocate([](auto&) {});
    default:
      return unauthenticated.bind(0x4000, "127.0.0.1:9");
    }
  }

  /// From all sources in turn, as fast as the lane reads.
  void flood(std::span<turn_wire> clients, std::span<const std::string> nonces, std::size_t requests) {
    const auto before = counters().requests.read();
    for (std::size_t i = 0; i < requests;) {
      for (std::size_t burst = 0; burst < 32 && i < requests; ++burst, ++i) {
        auto& at = clients[i % clients.size()];
        at.send(unauthenticated_request(at, nonces[i % clients.size()], i));
      }
      ASSERT_TRUE(until([&] { return counters().requests.read() == before + i; }));
    }
  }
};

TEST_F(TurnFlood, LeavesNothingBehindAndIsAnsweredWithinTheBudget) {
  open();
  std::vector<turn_wire> clients;
  std::vector<std::string> nonces; // Genuine, and each one its own: what they lack is the password.
  for (std::size_t i = 0; i < sources; ++i) {
    clients.emplace_back(listener_, "nobody", endpoint{address("127.0.1." + std::to_string(i + 1)), 0});
    introduce(clients.back());
    nonces.push_back(clients.back().client.nonce);
  }
  flood(clients, nonces, 2'000); // The log and the counters have met every reason.
  const auto before = heap_bytes();
  constexpr std::size_t many = 200'000;
  flood(clients, nonces, many);
  const auto after = heap_bytes();

  RecordProperty("heap_bytes_before", std::to_string(before));
  RecordProperty("heap_bytes_after", std::to_string(after));
  EXPECT_LE(after, before + 4096);
  for (const auto* gauge :
       {&counters().allocations, &counters().permissions, &counters().channels, &counters().requests_in_flight})
    EXPECT_EQ(gauge->read(), 0u);
  EXPECT_TRUE(user_.opened.empty());
  EXPECT_EQ(node_->pool.allocations(), 0u);
  EXPECT_EQ(lane_->timers(), 0u);
  // The clock stands still: each source had its burst, no more. The shortest answer to such has 28 bytes.
  const auto budget = turn::server_settings{}.unproved_answer_bytes.burst;
  EXPECT_GT(counters().answers.read(), 0u);
  EXPECT_LE(counters().answers.read(), sources * budget / 28);
  EXPECT_EQ(counters().answers.read() + counters().unauthorized_suppressed.read(), sources + 2'000 + many);

  turn_wire user{listener_}; // Of another source: served.
  EXPECT_EQ(allocate(user).code, 0u);
}

} // namespace
} // namespace sallyport::test
