#include <gtest/gtest.h>

#include <limits>

#include "net/turn/credentials.hpp"

namespace sallyport::turn {
namespace {

constexpr std::int64_t t0 = 1'795'000'000;
constexpr const char* realm = "edge.example";

stun::long_term_key key_of(std::initializer_list<int> bytes) {
  stun::long_term_key key{};
  std::ranges::copy(bytes, key.begin());
  return key;
}

// printf %s bob:edge.example:secret | md5sum
const auto bobs_key =
  key_of({0x26, 0x9d, 0xd1, 0x7b, 0x3d, 0xa1, 0x8f, 0xa3, 0xab, 0x3f, 0x6c, 0xcd, 0x92, 0x40, 0x98, 0x33});

credentials with_secrets(std::vector<std::string> secrets) {
  return {realm, {}, std::move(secrets)};
}

std::size_t found(const credentials& who, std::string_view username, std::int64_t unix_seconds = t0) {
  return who.find(username, unix_seconds).view().size();
}

TEST(TurnCredentials, AStaticUserHasTheKeyOfTheConfiguration) {
  const credentials who{realm, {{.name = "bob", .key = bobs_key, .identity = "bob@example.org"}}, {}};
  const auto bob = who.find("bob", t0);
  ASSERT_EQ(bob.view().size(), 1u);
  EXPECT_EQ(bob.view()[0].identity, "bob@example.org");
  EXPECT_EQ(bob.view()[0].key, bobs_key);
  EXPECT_EQ(bob.view()[0].key, stun::make_long_term_key("bob", realm, "secret"));
}

TEST(TurnCredentials, NamesAreComparedByteForByte) {
  const credentials who{realm, {{.name = "bob", .key = bobs_key}, {.name = "alice", .key = {}}}, {}};
  EXPECT_EQ(found(who, "bob"), 1u);
  EXPECT_EQ(found(who, "alice"), 1u);
  for (const char* other : {"", "bo", "bobb", "Bob", "bob ", " bob", "carol", "aaa", "zzz"})
    EXPECT_EQ(found(who, other), 0u) << other;
  EXPECT_EQ(found(who, std::string_view{"bob\0", 4}), 0u);
}

TEST(TurnCredentials, AnEphemeralPasswordIsThatOfTurnRest) {
  // P=$(printf %s 1795003600:alice | openssl dgst -sha1 -hmac north -binary | base64)   Tp795jkQlYK08ERTpHQEdcIDM1I=
  // printf %s 1795003600:alice:edge.example:$P | md5sum
  const auto expected =
    key_of({0x6b, 0x75, 0x12, 0x00, 0x44, 0x30, 0x17, 0xff, 0x11, 0xfc, 0x37, 0xc5, 0x45, 0x65, 0x17, 0xda});
  const auto alice = with_secrets({"north"}).find("1795003600:alice", t0);
  ASSERT_EQ(alice.view().size(), 1u);
  EXPECT_EQ(alice.view()[0].identity, "alice");
  EXPECT_EQ(alice.view()[0].key, expected);
}

TEST(TurnCredentials, EachLiveSecretMakesACandidate) {
  const auto alice = with_secrets({"south", "north"}).find("1795003600:alice", t0);
  ASSERT_EQ(alice.view().size(), 2u);
  // printf %s 1795003600:alice | openssl dgst -sha1 -hmac south -binary | base64
  EXPECT_EQ(alice.view()[0].key, stun::make_long_term_key("1795003600:alice", realm, "NO8G5Dq/X5V3zovs3GZACmL71Ys="));
  EXPECT_EQ(alice.view()[1].key, stun::make_long_term_key("1795003600:alice", realm, "Tp795jkQlYK08ERTpHQEdcIDM1I="));
  EXPECT_EQ(alice.view()[1].identity, "alice");
}

TEST(TurnCredentials, AnEphemeralNameIsGoodUpToTheSecondOfItsExpiry) {
  const auto who = with_secrets({"north"});
  EXPECT_EQ(found(who, "1795000000:alice", t0), 1u);
  EXPECT_EQ(found(who, "1795000000:alice", t0 + 1), 0u);
  EXPECT_EQ(found(who, "0:alice", t0), 0u);
  EXPECT_EQ(found(who, "0:alice", -1), 1u);
}

TEST(TurnCredentials, AMalformedNameIsUnknown) {
  const auto who = with_secrets({"north"});
  for (const char* name :
       {"", ":", "1795003600", "1795003600:", ":alice", "alice:1795003600", "+1795003600:alice", "-1:alice",
        " 1795003600:alice", "1795003600 :alice", "0x6b000000:alice", "1795003600.5:a", "18446744073709551616:alice"})
    EXPECT_EQ(found(who, name), 0u) << name;
  EXPECT_EQ(found(who, "18446744073709551616:alice", -1), 0u); // Not taken for the year 1970 either.
  EXPECT_EQ(found(who, "18446744073709551615:alice", std::numeric_limits<std::int64_t>::max()), 1u);
}

TEST(TurnCredentials, AnIdentityMayHaveColonsOfItsOwn) {
  const auto alice = with_secrets({"north"}).find("1795003600:sip:alice@example.org", t0);
  ASSERT_EQ(alice.view().size(), 1u);
  EXPECT_EQ(alice.view()[0].identity, "sip:alice@example.org");
}

TEST(TurnCredentials, WithoutASecretNobodyIsEphemeral) {
  EXPECT_EQ(found(with_secrets({}), "1795003600:alice"), 0u);
}

TEST(TurnCredentials, AStaticUserGoesBeforeAnEphemeralOneOfTheSameName) {
  const credentials who{realm, {{.name = "1795003600:alice", .key = bobs_key}}, {"north", "south"}};
  const auto alice = who.find("1795003600:alice", t0);
  ASSERT_EQ(alice.view().size(), 1u);
  EXPECT_EQ(alice.view()[0].key, bobs_key);
  EXPECT_EQ(alice.view()[0].identity, "");
}

TEST(TurnCredentials, ANameOf508BytesIsTheLongest) { // RFC 8489, 14.3
  const std::string longest(508, 'a');
  const credentials who{
    realm, {{.name = longest, .key = bobs_key}, {.name = longest + 'a', .key = bobs_key}}, {"north"}};
  EXPECT_EQ(found(who, longest), 1u);
  EXPECT_EQ(found(who, longest + 'a'), 0u);

  EXPECT_EQ(found(who, "1795003600:" + std::string(497, 'a')), 1u);
  EXPECT_EQ(found(who, "1795003600:" + std::string(498, 'a')), 0u);
}

TEST(TurnCredentials, RefusesAThirdSecretAndAnEmptyOne) {
  EXPECT_THROW((void)with_secrets({"a", "b", "c"}), std::invalid_argument);
  EXPECT_THROW((void)with_secrets({"a", ""}), std::invalid_argument); // Whose passwords everybody could make.
}

} // namespace
} // namespace sallyport::turn
