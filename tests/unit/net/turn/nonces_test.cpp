#include <gtest/gtest.h>

#include "net/turn/nonces.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t t0 = 1'795'000'000;
const endpoint client = *endpoint::parse("192.0.2.1:40000");

std::shared_ptr<const keyed_hash> key(std::uint8_t byte) {
  std::array<std::uint8_t, secret_key::size_bytes> bytes;
  bytes.fill(byte);
  return std::make_shared<const keyed_hash>(secret_key{bytes});
}

std::string_view view(const nonces::text& nonce) {
  return {nonce.data(), nonce.size()};
}

TEST(Nonces, ANonceIsFreshForTheWholeOfItsLifetimeAndStaleOneSecondLater) {
  const nonces source{key(1), nullptr, 1h};
  const auto nonce = source.make(client, t0);
  EXPECT_EQ(source.judge(view(nonce), client, t0), nonces::state::fresh);
  EXPECT_EQ(source.judge(view(nonce), client, t0 + 3600), nonces::state::fresh);

  EXPECT_EQ(source.judge(view(nonce), client, t0 + 3601), nonces::state::stale);
}

TEST(Nonces, AClockAMinuteBehindDoesNotMatterOneSecondMoreDoes) {
  const nonces source{key(1), nullptr, 1h};
  const auto nonce = source.make(client, t0);
  EXPECT_EQ(source.judge(view(nonce), client, t0 - 60), nonces::state::fresh);
  EXPECT_EQ(source.judge(view(nonce), client, t0 - 61), nonces::state::stale);
}

TEST(Nonces, IsGoodForItsClientAlone) { // RFC 8489, 9.2.4: not the same for two addresses or ports.
  const nonces source{key(1), nullptr, 1h};
  const auto nonce = source.make(client, t0);
  for (const char* other : {"192.0.2.1:40001", "192.0.2.2:40000", "[2001:db8::1]:40000"}) {
    EXPECT_EQ(source.judge(view(nonce), *endpoint::parse(other), t0), nonces::state::forged) << other;
    EXPECT_NE(source.make(*endpoint::parse(other), t0), nonce) << other;
  }
}

TEST(Nonces, EveryOtherTextIsForged) {
  const nonces source{key(1), nullptr, 1h};
  const auto nonce = source.make(client, t0);
  for (std::size_t i = 0; i < nonce.size(); ++i) {
    auto changed = nonce;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(source.judge(view(changed), client, t0), nonces::state::forged) << i;
  }
  EXPECT_EQ(source.judge("", client, t0), nonces::state::forged);
  EXPECT_EQ(source.judge(view(nonce).substr(1), client, t0), nonces::state::forged);
  EXPECT_EQ(source.judge(std::string{view(nonce)} + 'A', client, t0), nonces::state::forged);
  EXPECT_EQ(source.judge(std::string(700, 'A'), client, t0), nonces::state::forged);
  EXPECT_EQ(source.judge(std::string(16, '='), client, t0), nonces::state::forged);
}

TEST(Nonces, AnotherKeysNonceIsForged) {
  const auto nonce = nonces{key(2), nullptr, 1h}.make(client, t0);
  EXPECT_EQ((nonces{key(1), nullptr, 1h}.judge(view(nonce), client, t0)), nonces::state::forged);
}

TEST(Nonces, TheFormerKeyIsStillReadAndNoLongerUsed) {
  const auto before = nonces{key(1), nullptr, 1h}.make(client, t0);
  const nonces after{key(2), key(1), 1h};
  EXPECT_EQ(after.judge(view(before), client, t0), nonces::state::fresh);
  EXPECT_EQ(after.judge(view(before), client, t0 + 3601), nonces::state::stale);

  EXPECT_EQ(after.make(client, t0), (nonces{key(2), nullptr, 1h}.make(client, t0)));
  EXPECT_EQ((nonces{key(3), key(2), 1h}.judge(view(before), client, t0)), nonces::state::forged);
}

TEST(Nonces, DoesNotLookLikeANonceCookie) { // RFC 8489, 9.2: that would promise security features.
  const nonces source{key(1), nullptr, 1h};
  EXPECT_FALSE(view(source.make(client, t0)).starts_with("obMatJos2"));
}

} // namespace
} // namespace sallyport::turn
