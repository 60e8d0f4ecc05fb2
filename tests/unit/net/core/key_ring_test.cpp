#include <gmock/gmock.h>

#include <algorithm>

#include "net/core/key_ring.hpp"

namespace sallyport {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string first_secret(32, 'a');
const std::string second_secret(40, 'b');

key_ring ring_of(const std::vector<std::string>& secrets) {
  auto made = key_ring::make(secrets);
  if (!made)
    throw std::invalid_argument{made.error()};
  return std::move(*made);
}

live_keys derived(const std::vector<std::string>& secrets, std::string_view label) {
  return ring_of(secrets).derive(label);
}

std::string text_of(const secret_key& key) {
  std::string text;
  for (const auto byte : key.bytes()) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

} // namespace

TEST(KeyRing, MakesTheSameKeysInEveryBuild) { // Tokens and nonces that are out were made with these.
  const auto token = derived({first_secret, second_secret}, "sallyport route token");
  EXPECT_EQ(token.current.id, 0xf3);
  EXPECT_EQ(text_of(token.current.key), "52c5f8e0bc7a6550590a86534f2dbbb2d909ae6ad9e2c1fba37aee0d727d0974");
  ASSERT_TRUE(token.former);
  EXPECT_EQ(token.former->id, 0xad);
  EXPECT_EQ(text_of(token.former->key), "78c02098de5c2caa7e83c7033f6e3681246fcfa460e8e930985e12e1c3ae450f");
}

TEST(KeyRing, GivesEachUseAKeyOfItsOwn) {
  const auto one = derived({first_secret}, "one use");
  const auto other = derived({first_secret}, "another use");
  EXPECT_NE(text_of(one.current.key), text_of(other.current.key));
  EXPECT_EQ(one.current.id, other.current.id) << "the id is the secret's";
}

TEST(KeyRing, CountsEveryByteOfASecret) {
  auto longer = first_secret + first_secret;
  const auto one = text_of(derived({longer}, "use").current.key);
  longer.back() = 'z';
  EXPECT_NE(one, text_of(derived({longer}, "use").current.key));
  EXPECT_NE(one, text_of(derived({first_secret}, "use").current.key));
}

TEST(KeyRing, HasAFormerKeyWhileThereAreTwoSecrets) {
  EXPECT_FALSE(derived({first_secret}, "use").former);
  const auto rotating = derived({second_secret, first_secret}, "use");
  ASSERT_TRUE(rotating.former);
  EXPECT_EQ(text_of(rotating.former->key), text_of(derived({first_secret}, "use").current.key));
  EXPECT_EQ(text_of(rotating.current.key), text_of(derived({second_secret}, "use").current.key));
}

TEST(KeyRing, RefusesTwoSecretsOfOneIdAndShowsNeither) {
  const std::string twin = "twin 402 " + std::string(30, 'c'); // One in 256 has the id of the first.
  const auto refused = key_ring::make(std::vector{first_secret, twin});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error(), HasSubstr("the same key id"));
  EXPECT_THAT(refused.error(), Not(HasSubstr(twin)));
  EXPECT_THAT(refused.error(), Not(HasSubstr(first_secret)));
}

} // namespace sallyport
