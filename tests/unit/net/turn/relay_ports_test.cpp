#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "net/turn/relay_ports.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{};
constexpr milliseconds cooldown = 2min;

/// Eight bytes that stand for fresh random ones.
reservation_token fresh(std::uint8_t seed) {
  reservation_token token;
  token.fill(std::byte{seed});
  return token;
}

TEST(RelayPorts, GivesEveryPortOnceAndThenNoMore) {
  relay_ports ports{50'000, 50'009, cooldown};
  std::set<std::uint16_t> given;
  for (std::uint64_t random = 0; random < 10; ++random)
    given.insert(ports.take(t0, random * 7919).value());
  EXPECT_EQ(given.size(), 10u);
  EXPECT_EQ(*given.begin(), 50'000);
  EXPECT_EQ(*given.rbegin(), 50'009);
  EXPECT_EQ(ports.in_use(), 10u);

  EXPECT_EQ(ports.take(t0, 1), std::nullopt);
  EXPECT_EQ(ports.take_even(t0, 1), std::nullopt);
  EXPECT_EQ(ports.take_pair(t0, 1, fresh(1)).has_value(), false);
}

TEST(RelayPorts, DrawsFromTheWholeRange) { // RFC 6056: what nobody outside can foresee.
  std::set<std::uint16_t> drawn;
  for (std::uint64_t random = 0; random < 10; ++random)
    drawn.insert(relay_ports{50'000, 50'009, cooldown}.take(t0, random).value());
  EXPECT_EQ(drawn.size(), 10u);
}

TEST(RelayPorts, APortCoolsDownBeforeItIsDrawnAgain) {
  for (std::uint64_t random = 0; random < 4; ++random) {
    relay_ports ports{50'000, 50'003, cooldown};
    ASSERT_EQ(ports.take(t0, 0), 50'000);
    ports.give_back(50'000, t0 + 1s);
    EXPECT_EQ(ports.cooling(), 1u);

    auto early = ports;
    EXPECT_NE(early.take(t0 + 1s + cooldown - 1ms, random), 50'000);
    EXPECT_EQ(early.cooling(), 1u);
    std::set<std::uint16_t> late;
    for (int i = 0; i < 4; ++i)
      late.insert(ports.take(t0 + 1s + cooldown, random).value());
    EXPECT_EQ(late.size(), 4u);
    EXPECT_EQ(ports.cooling(), 0u);
  }
}

TEST(RelayPorts, WhoEndsOneRelayAfterTheOtherLeavesOthersAPort) {
  relay_ports ports{50'000, 50'009, cooldown};
  std::vector<std::uint16_t> ended;
  for (std::uint64_t i = 0; i < 10; ++i) {
    ended.push_back(ports.take(t0 + i * 1s, i).value());
    ports.give_back(ended.back(), t0 + i * 1s);
  }
  ASSERT_EQ(ports.cooling(), 10u);

  for (const auto port : ended) // The one that has cooled longest is the first.
    EXPECT_EQ(ports.take(t0 + 10s, 7), port);
  EXPECT_EQ(ports.take(t0 + 10s, 7), std::nullopt);
}

TEST(RelayPorts, AHoldIsNotCutShort) {
  relay_ports ports{50'000, 50'001, cooldown};
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  ports.give_back(50'000, t0);
  EXPECT_EQ(ports.take(t0, 0), 50'000);
  EXPECT_EQ(ports.take(t0, 0), std::nullopt);
  EXPECT_EQ(ports.claim(pair->token, t0), 50'001);
}

TEST(RelayPorts, WithoutACooldownAPortIsFreeAtOnce) {
  relay_ports ports{50'000, 50'000, 0ms};
  ASSERT_EQ(ports.take(t0, 0), 50'000);
  ports.give_back(50'000, t0);
  EXPECT_EQ(ports.take(t0, 0), 50'000);
}

TEST(RelayPorts, AnEvenPortIsEvenWhileThereIsOne) {
  relay_ports ports{49'999, 50'004, cooldown};
  for (std::uint64_t random = 0; random < 3; ++random)
    EXPECT_EQ(ports.take_even(t0, random).value() % 2, 0);

  EXPECT_EQ(ports.take_even(t0, 0), std::nullopt);
  for (std::uint64_t random = 0; random < 3; ++random)
    EXPECT_EQ(ports.take(t0, random).value() % 2, 1);
}

TEST(RelayPorts, APairNeedsBothItsPorts) {
  // 50,001 has no even port below it in the range, 50,004 no odd one above: one pair only.
  relay_ports ports{50'001, 50'004, cooldown};
  const auto pair = ports.take_pair(t0, 0, fresh(1));
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->even, 50'002);
  EXPECT_EQ(ports.in_use(), 1u);
  EXPECT_EQ(ports.held(), 1u);

  EXPECT_FALSE(ports.take_pair(t0, 0, fresh(2)));
  EXPECT_EQ(ports.take_even(t0, 0), 50'004);
}

TEST(RelayPorts, APairIsGoneOnceEitherPortIs) {
  relay_ports odd_taken{50'000, 50'001, cooldown};
  ASSERT_EQ(odd_taken.take(t0, 1), 50'001);
  EXPECT_FALSE(odd_taken.take_pair(t0, 0, fresh(1)));
  EXPECT_EQ(odd_taken.take_even(t0, 0), 50'000);

  relay_ports even_taken{50'000, 50'001, cooldown};
  ASSERT_EQ(even_taken.take_even(t0, 0), 50'000);
  EXPECT_FALSE(even_taken.take_pair(t0, 0, fresh(1)));
  EXPECT_EQ(even_taken.take(t0, 0), 50'001);
}

TEST(RelayPorts, AHeldPortIsForItsTokenAlone) {
  relay_ports ports{50'000, 50'001, cooldown};
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  ASSERT_TRUE(pair);
  EXPECT_EQ(ports.take(t0, 0), std::nullopt);
  for (std::size_t i = 0; i < pair->token.size(); ++i) {
    auto guess = pair->token;
    guess[i] ^= std::byte{1};
    EXPECT_EQ(ports.claim(guess, t0), std::nullopt) << i;
  }
  EXPECT_EQ(ports.claim({}, t0), std::nullopt);

  EXPECT_EQ(ports.claim(pair->token, t0), 50'001);
  EXPECT_EQ(ports.held(), 0u);
  EXPECT_EQ(ports.in_use(), 2u);
}

TEST(RelayPorts, ATokenIsGoodOnce) {
  relay_ports ports{50'000, 50'001, 0ms};
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  ASSERT_EQ(ports.claim(pair->token, t0), 50'001);
  EXPECT_EQ(ports.claim(pair->token, t0), std::nullopt);

  ports.give_back(50'001, t0);
  EXPECT_EQ(ports.claim(pair->token, t0), std::nullopt);
}

TEST(RelayPorts, AHoldLastsThirtySecondsAndItsPortNeedsNoCooldown) { // RFC 8656, 7.2
  relay_ports in_time{50'000, 50'001, cooldown};
  const auto pair = in_time.take_pair(t0, 0, fresh(7));
  EXPECT_EQ(in_time.claim(pair->token, t0 + 30s - 1ms), 50'001);

  relay_ports late{50'000, 50'001, cooldown};
  ASSERT_EQ(late.take_pair(t0, 0, fresh(7))->token, pair->token);
  EXPECT_EQ(late.claim(pair->token, t0 + 30s), std::nullopt);
  EXPECT_EQ(late.held(), 0u);
  EXPECT_EQ(late.take(t0 + 30s, 0), 50'001);
}

TEST(RelayPorts, AHoldOutlivesTheUseOfItsEvenPort) {
  relay_ports ports{50'000, 50'001, 0ms};
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  ports.give_back(50'000, t0);
  EXPECT_EQ(ports.claim(pair->token, t0 + 29s), 50'001);
}

TEST(RelayPorts, TheTokenOfAFormerHoldOfAPortClaimsNothing) {
  relay_ports ports{50'000, 50'001, 0ms};
  const auto former = ports.take_pair(t0, 0, fresh(1));
  ports.give_back(50'000, t0);
  const auto later = ports.take_pair(t0 + 30s, 0, fresh(2));
  ASSERT_TRUE(later);

  EXPECT_EQ(ports.claim(former->token, t0 + 30s), std::nullopt);
  EXPECT_EQ(ports.claim(later->token, t0 + 30s), 50'001);
}

TEST(RelayPorts, TwoHoldsHaveDifferentTokensWhateverTheRandomBits) {
  relay_ports ports{50'000, 50'003, cooldown};
  const auto one = ports.take_pair(t0, 0, fresh(7));
  const auto other = ports.take_pair(t0, 0, fresh(7));
  ASSERT_TRUE(one && other);
  EXPECT_NE(one->token, other->token);
}

TEST(RelayPorts, AReleasedHoldFreesItsPortAtOnce) {
  relay_ports ports{50'000, 50'001, cooldown};
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  ports.release(fresh(9), t0);
  EXPECT_EQ(ports.held(), 1u);

  ports.release(pair->token, t0);
  EXPECT_EQ(ports.held(), 0u);
  EXPECT_EQ(ports.take(t0, 0), 50'001);
}

TEST(RelayPorts, GivingBackWhatIsNotInUseIsOurMistake) {
  relay_ports ports{50'000, 50'001, cooldown};
  EXPECT_THROW(ports.give_back(50'000, t0), std::logic_error);
  EXPECT_THROW(ports.give_back(49'999, t0), std::logic_error);
  EXPECT_THROW(ports.give_back(50'002, t0), std::logic_error);
  const auto pair = ports.take_pair(t0, 0, fresh(7));
  EXPECT_THROW(ports.give_back(50'001, t0), std::logic_error);
  ports.give_back(pair->even, t0);
  EXPECT_THROW(ports.give_back(pair->even, t0), std::logic_error);
}

TEST(RelayPorts, ARangeHasAtLeastOnePortAndNotPortZero) {
  EXPECT_THROW((relay_ports{50'001, 50'000, cooldown}), std::invalid_argument);
  EXPECT_THROW((relay_ports{0, 10, cooldown}), std::invalid_argument);
  relay_ports whole{1, 65'535, cooldown};
  for (int i = 0; i < 65'535; ++i)
    ASSERT_TRUE(whole.take(t0, static_cast<std::uint64_t>(i) * 2654435761U));
  EXPECT_FALSE(whole.take(t0, 0));
}

/// What must hold, told by the outside alone: who has which port, and from when each is free again.
class relay_ports_model {
public:
  explicit relay_ports_model(std::uint64_t seed) : random_{seed} {}

  void step() {
    now_ += milliseconds{random_() % 3'000};
    switch (random_() % 6) {
    case 0:
      return take();
    case 1:
      return given_even(ports_.take_even(now_, random_()));
    case 2:
      return take_pair();
    case 3:
      return claim();
    case 4:
      return release();
    default:
      return give_back();
    }
  }

  /// Everything given back and everything waited for: the whole range is there.
  void settle() {
    while (!in_use_.empty())
      give_back();
    now_ += cooldown_ + 30s;
    for (std::uint32_t port = first_; port <= last_; ++port)
      take();
    EXPECT_EQ(in_use_.size(), last_ - first_ + 1U);
    EXPECT_EQ(ports_.cooling() + ports_.held(), 0u);
  }

private:
  struct hold {
    std::uint16_t port;
    time_point until;
  };

  void take() {
    const bool is_any_free = free_count() != 0;
    const auto port = ports_.take(now_, random_());
    if (!is_any_free) { // Then it refuses only when nothing cools, and cuts the longest cooldown short.
      const auto longest = longest_cooling();
      ASSERT_EQ(port.has_value(), longest != cooling_until_.end());
      if (!port)
        return;
      EXPECT_EQ(cooling_until_.at(*port), longest->second);
      cooling_until_.erase(*port);
    }
    given(port);
  }

  void given(std::optional<std::uint16_t> port) {
    ASSERT_TRUE(port);
    EXPECT_TRUE(*port >= first_ && *port <= last_);
    EXPECT_TRUE(is_free(*port)) << *port;
    EXPECT_TRUE(in_use_.insert(*port).second) << *port;
    EXPECT_EQ(ports_.in_use(), in_use_.size());
  }

  void given_even(std::optional<std::uint16_t> port) {
    if (port) {
      EXPECT_EQ(*port % 2, 0);
      given(port);
      return;
    }
    for (std::uint32_t even = first_ + first_ % 2; even <= last_; even += 2)
      EXPECT_FALSE(is_free(static_cast<std::uint16_t>(even))) << even;
  }

  void take_pair() {
    reservation_token bits;
    for (auto& byte : bits)
      byte = static_cast<std::byte>(random_());
    const auto pair = ports_.take_pair(now_, random_(), bits);
    if (!pair) {
      for (std::uint32_t even = first_ + first_ % 2; even < last_; even += 2)
        EXPECT_FALSE(is_free(static_cast<std::uint16_t>(even)) && is_free(static_cast<std::uint16_t>(even + 1)));
      return;
    }
    const auto odd = static_cast<std::uint16_t>(pair->even + 1);
    EXPECT_EQ(pair->even % 2, 0);
    EXPECT_TRUE(is_free(odd)) << odd;
    given(pair->even);
    EXPECT_TRUE(holds_.emplace(pair->token, hold{odd, now_ + 30s}).second);
  }

  void claim() {
    if (holds_.empty())
      return;
    const auto chosen = std::next(holds_.begin(), static_cast<std::ptrdiff_t>(random_() % holds_.size()));
    const auto [token, held] = *chosen;
    const auto port = ports_.claim(token, now_);
    EXPECT_EQ(port.has_value(), now_ < held.until);
    holds_.erase(chosen);
    if (port) {
      EXPECT_EQ(*port, held.port);
      given(port);
    }
    EXPECT_FALSE(ports_.claim(token, now_));
  }

  void release() {
    if (holds_.empty() || random_() % 4 != 0)
      return;
    ports_.release(holds_.begin()->first, now_);
    holds_.erase(holds_.begin());
  }

  void give_back() {
    if (in_use_.empty())
      return;
    const auto chosen = std::next(in_use_.begin(), static_cast<std::ptrdiff_t>(random_() % in_use_.size()));
    ports_.give_back(*chosen, now_);
    cooling_until_[*chosen] = now_ + cooldown_;
    in_use_.erase(chosen);
  }

  bool is_free(std::uint16_t port) const {
    const auto cools = cooling_until_.find(port);
    if (in_use_.contains(port) || (cools != cooling_until_.end() && now_ < cools->second))
      return false;
    return !is_held(port);
  }

  bool is_held(std::uint16_t port) const {
    return std::ranges::any_of(holds_,
                               [&](const auto& each) { return each.second.port == port && now_ < each.second.until; });
  }

  std::map<std::uint16_t, time_point>::const_iterator longest_cooling() const {
    auto longest = cooling_until_.end();
    for (auto each = cooling_until_.begin(); each != cooling_until_.end(); ++each) {
      const bool cools = !in_use_.contains(each->first) && now_ < each->second && !is_held(each->first);
      if (cools && (longest == cooling_until_.end() || each->second < longest->second))
        longest = each;
    }
    return longest;
  }

  std::size_t free_count() const {
    std::size_t count = 0;
    for (std::uint32_t port = first_; port <= last_; ++port)
      count += is_free(static_cast<std::uint16_t>(port));
    return count;
  }

  static constexpr std::uint16_t first_ = 49'999;
  static constexpr std::uint16_t last_ = 50'020;
  static constexpr milliseconds cooldown_ = 20s;

  std::mt19937_64 random_;
  time_point now_ = t0;
  relay_ports ports_{first_, last_, cooldown_};
  std::set<std::uint16_t> in_use_;
  std::map<std::uint16_t, time_point> cooling_until_;
  std::map<reservation_token, hold> holds_;
};

TEST(RelayPorts, WhateverTheOrderNoPortIsGivenTwiceAndAllComeBack) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    relay_ports_model model{seed};
    for (int i = 0; i < 2'000; ++i)
      model.step();
    model.settle();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

} // namespace
} // namespace sallyport::turn
