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
  static constexpr std::uint64_t answers_per_source = 100;

  /// A request of somebody who has not proved who he is; no two are alike.
  byte_text stranger_request(turn_client& stranger, std::size_t i) {
    switch (i % 5) {
    case 0:
      stranger.use_nonce({});
      return stranger.allocate_request();
    case 1:
      stranger.use_nonce({});
      return stranger.permission_request(loopback(9));
    case 2:
      stranger.use_nonce("forged" + std::to_string(i));
      return stranger.refresh_request(600);
    case 3: // A nonce of this client's, which the name and the password do not go with.
      stranger.use_nonce(genuine_nonce(stranger));
      return stranger.allocate_request();
    default:
      stranger.use_nonce({});
      return stranger.channel_bind_request(0x4000, loopback(9));
    }
  }
  static std::string genuine_nonce(const turn_client& stranger) {
    constexpr std::array<std::uint8_t, secret_key::size_bytes> key{7};
    static const turn::nonces same{std::make_shared<const keyed_hash>(secret_key{key}), nullptr, 1h};
    const auto text = same.make(stranger.local(), 1'900'000'000);
    return {text.begin(), text.end()};
  }

  /// From all sources in turn, as fast as the lane reads.
  void flood(std::span<turn_client> strangers, std::size_t requests) {
    const auto before = counters().requests.read();
    for (std::size_t i = 0; i < requests;) {
      for (std::size_t burst = 0; burst < 32 && i < requests; ++burst, ++i)
        strangers[i % strangers.size()].send(stranger_request(strangers[i % strangers.size()], i));
      ASSERT_TRUE(until([&] { return counters().requests.read() == before + i; }));
    }
  }
};

TEST_F(TurnFlood, LeavesNothingBehindAndIsAnsweredWithinTheBudget) {
  open();
  std::vector<turn_client> strangers;
  for (std::size_t i = 0; i < sources; ++i)
    strangers.emplace_back(door_, "nobody", endpoint{address("127.0.1." + std::to_string(i + 1)), 0});
  flood(strangers, 2'000); // The log and the counters have met every reason.
  const auto before = heap_bytes();
  constexpr std::size_t many = 200'000;
  flood(strangers, many);
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
  // The clock stands still: each source had its burst, no more.
  EXPECT_EQ(counters().answers.read(), sources * answers_per_source);
  EXPECT_EQ(counters().answers.read() + counters().unauthorized_suppressed.read(), 2'000 + many);

  turn_client user{door_, "ali"}; // Of another source: served.
  EXPECT_TRUE(allocate(user).is_success());
}

} // namespace
} // namespace sallyport::test
