#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>

#include "actors/secrets.hpp"
#include "net/core/base64url.hpp"

namespace sallyport::actors {
namespace {

const std::string first_secret(32, 'a');
const std::string second_secret(40, 'b');

/// A token signed with these keys' current one.
std::string signed_by(const pool_keys& keys) {
  return keys.tokens->sign({.type = sip::route_token::kind::path, .flow = {{1, 2, 3, 4}, 5}}, "");
}

bool verifies(const pool_keys& keys, const std::string& token) {
  return keys.tokens->verify(token, "").has_value();
}

pool_keys keys_of(const std::vector<std::string>& secrets) {
  auto derived = derive_pool_keys(secrets);
  EXPECT_TRUE(derived) << derived.error();
  return std::move(*derived);
}

constexpr std::size_t token_body_bytes = 25; // Of a Path: version and kind, key id, flow and incarnation, binding.

/// Of the hash of a fixed text, the first 9 bytes.
std::string start_of(const keyed_hash& hash) {
  const auto digest = hash.digest({"x"});
  return base64url(std::span{digest}.first<9>());
}

} // namespace

TEST(Secrets, TheSameSecretMakesTheSameKeysOnEveryNode) {
  const auto here = keys_of({first_secret});
  const auto there = keys_of({first_secret});
  EXPECT_EQ(signed_by(here), signed_by(there));
  EXPECT_TRUE(verifies(there, signed_by(here)));
  EXPECT_EQ(here.loops->digest({"x"}), there.loops->digest({"x"}));
}

TEST(Secrets, AnotherSecretMakesOtherKeys) {
  const auto one = keys_of({first_secret});
  const auto other = keys_of({second_secret});
  EXPECT_FALSE(verifies(other, signed_by(one)));
  EXPECT_NE(one.loops->digest({"x"}), other.loops->digest({"x"}));
}

/// What a build before this one made is out there: these are the values of the first build that had each key.
TEST(Secrets, TheKeysOfASecretNeverChange) {
  const auto keys = keys_of({first_secret, second_secret});
  EXPECT_TRUE(verifies(keys, "EfMAAAAFAAECAAAAAwAAAAS7weCYQ8GoafO3"));
  EXPECT_TRUE(verifies(keys, "Ea0AAAAFAAECAAAAAwAAAARmPaC5CiL2tA5h")) << "of the second";
  EXPECT_EQ(start_of(*keys.loops), "q6jTAYtZxBCN");
  EXPECT_EQ(start_of(*keys.bindings), "vmjiFRbgY9rs");
  EXPECT_EQ(start_of(*keys.nonces), "2aMB1Y7Va2a7");
  EXPECT_EQ(start_of(*keys.former_nonces), "ayjR0qGINSWG");
  EXPECT_EQ(keys.traces("call"),
            0xb41cd19de7a69519); // What operators search for, on every node and in last week's logs.
}

TEST(Secrets, TheLoopKeyIsNotTheTokenKey) {
  const auto keys = keys_of({first_secret});
  std::array<std::uint8_t, token_body_bytes + sip::token_keys::code_bytes> token;
  ASSERT_TRUE(read_base64url(signed_by(keys), token));
  const std::string_view body{reinterpret_cast<const char*>(token.data()), token_body_bytes};
  const auto under_loop_key = keys.loops->digest({"route", body, ""});
  EXPECT_FALSE(std::equal(token.begin() + token_body_bytes, token.end(), under_loop_key.begin()));
}

TEST(Secrets, TheNonceKeyIsNeitherOfTheOthersAndOfTwoSecretsThereAreTwo) {
  const auto alone = keys_of({first_secret});
  EXPECT_NE(alone.nonces->digest({"x"}), alone.loops->digest({"x"}));
  EXPECT_EQ(alone.former_nonces, nullptr);

  const auto both = keys_of({first_secret, second_secret});
  EXPECT_EQ(both.nonces->digest({"x"}), alone.nonces->digest({"x"}));
  EXPECT_EQ(both.former_nonces->digest({"x"}), keys_of({second_secret}).nonces->digest({"x"}));
}

TEST(Secrets, OfTwoTheFirstSignsAndBothVerify) {
  const auto former = keys_of({first_secret});
  const auto rotating = keys_of({second_secret, first_secret});
  EXPECT_EQ(signed_by(rotating), signed_by(keys_of({second_secret})));
  EXPECT_TRUE(verifies(rotating, signed_by(former)));
  EXPECT_TRUE(verifies(rotating, signed_by(rotating)));
  EXPECT_FALSE(verifies(keys_of({second_secret}), signed_by(former))) << "once the rotation is over";
}

TEST(Secrets, TwoWithOneKeyIdAreRefusedAndNotShown) {
  const std::string twin = "twin 402 " + std::string(30, 'c'); // One in 256 has the id of the first.
  const auto refused = derive_pool_keys({first_secret, twin});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), testing::HasSubstr("the same key id"));
  EXPECT_THAT(refused.error(), testing::Not(testing::HasSubstr(twin)));
}

TEST(Secrets, AnEphemeralOneIsFreshAndOfAKeysLength) {
  std::set<std::string> made;
  for (int i = 0; i < 10; ++i)
    made.insert(make_ephemeral_secret());
  EXPECT_EQ(made.size(), 10u);
  EXPECT_EQ(made.begin()->size(), secret_key::size_bytes);
}

TEST(Secrets, NoTwoTablesHashAlike) {
  const auto one = make_table_hash();
  const auto other = make_table_hash();
  EXPECT_NE(one.key_low, other.key_low);
  EXPECT_NE(one.key_high, other.key_high);
  EXPECT_NE(one("x"), other("x"));
}

} // namespace sallyport::actors
