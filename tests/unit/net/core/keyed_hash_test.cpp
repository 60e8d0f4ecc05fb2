#include <gtest/gtest.h>

#include "net/core/keyed_hash.hpp"

namespace sallyport {
namespace {

secret_key key_of(std::uint8_t byte) {
  std::array<std::uint8_t, secret_key::size_bytes> bytes;
  bytes.fill(byte);
  return secret_key{bytes};
}

} // namespace

TEST(KeyedHash, IsTheSameForTheSameKeyAndPartsAndForNothingElse) {
  const keyed_hash hash{key_of(1)};
  EXPECT_EQ(hash.digest({"a", "b"}), (keyed_hash{key_of(1)}.digest({"a", "b"})));
  EXPECT_NE(hash.digest({"a", "b"}), hash.digest({"a", "c"}));
  EXPECT_NE(hash.digest({"a", "b"}), (keyed_hash{key_of(2)}.digest({"a", "b"})));
}

TEST(KeyedHash, KnowsWhereOnePartEndsAndTheNextBegins) {
  const keyed_hash hash{key_of(1)};
  EXPECT_NE(hash.digest({"ab", "c"}), hash.digest({"a", "bc"}));
  EXPECT_NE(hash.digest({"ab", ""}), hash.digest({"ab"}));
}

TEST(KeyedHash, IsHmacSha256) { // openssl dgst -sha256 -mac HMAC -macopt hexkey:0b0b… of nothing.
  const auto digest = keyed_hash{key_of(0x0b)}.digest(std::initializer_list<std::string_view>{});
  const std::array<std::uint8_t, 8> expected{0x51, 0x77, 0xe6, 0x37, 0xaa, 0xac, 0x0b, 0x50};
  EXPECT_TRUE(equal_in_constant_time(std::span{digest}.first<8>(), expected));
}

TEST(ConstantTime, EqualMeansEqual) {
  const auto a = key_of(1);
  EXPECT_TRUE(equal_in_constant_time(a.bytes(), key_of(1).bytes()));
  EXPECT_FALSE(equal_in_constant_time(a.bytes(), key_of(2).bytes()));
  EXPECT_FALSE(equal_in_constant_time(a.bytes(), a.bytes().first(31)));
}

} // namespace sallyport
