#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/stun/hmac.hpp"
#include "net/stun/integrity.hpp"
#include "net/stun/message_writer.hpp"
#include "tests/support/stun/raw_message.hpp"
#include "tests/support/stun/vectors.hpp"

namespace sallyport::stun {
namespace {

constexpr transaction_id some_id{std::byte{7}};
const long_term_key key = make_long_term_key("user", "realm", "pass");
const long_term_key other_key = make_long_term_key("user", "realm", "Pass");

using both = std::pair<integrity, integrity>;

/// A refresh request signed with one integrity or two, with a FINGERPRINT behind them or not.
std::vector<std::byte> signed_message(both how, bool with_fingerprint) {
  std::array<std::byte, 256> room;
  message_writer writer{room, method::refresh, message_class::request, some_id};
  writer.put_text(attribute::username, "user").put_u32(attribute::lifetime, 600);
  writer.sign(how.first, key).sign(how.second, key);
  if (with_fingerprint)
    writer.put_fingerprint();
  return {writer.finish().begin(), writer.finish().end()};
}

integrity verify(std::span<const std::byte> bytes, const long_term_key& with = key) {
  const auto message = message_view::parse(bytes);
  EXPECT_TRUE(message);
  return message ? verify_integrity(*message, with) : integrity::none;
}

/// SHA-256 over what is there, cut to `length` bytes (RFC 8489, 14.6).
raw_message& add_cut_sha256(raw_message& raw, std::size_t length) {
  const auto covered = raw.bytes.size();
  raw.length(covered - header_bytes + attribute_header_bytes + length);
  const auto mac = hmac_sha256(key, {std::span{raw.bytes}.first(covered)});
  return raw.add(attribute::message_integrity_sha256, std::as_bytes(std::span{mac}.first(length)));
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const auto byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 0xF];
  }
  return text;
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}

} // namespace

TEST(StunIntegrity, MakesTheKeyOfNameRealmAndPassword) {
  EXPECT_EQ(hex_of(key), "8493fbc53ba582fb4c044c456bdc40eb"); // RFC 8489, 9.2.2
}

TEST(StunIntegrity, SaysWhichOneHolds) {
  for (const bool with_fingerprint : {false, true}) {
    EXPECT_EQ(verify(signed_message({integrity::none, integrity::none}, with_fingerprint)), integrity::none);
    EXPECT_EQ(verify(signed_message({integrity::sha1, integrity::none}, with_fingerprint)), integrity::sha1);
    EXPECT_EQ(verify(signed_message({integrity::sha256, integrity::none}, with_fingerprint)), integrity::sha256);
    EXPECT_EQ(verify(signed_message({integrity::sha1, integrity::sha256}, with_fingerprint)), integrity::sha256);
  }
}

TEST(StunIntegrity, DoesNotHoldUnderAnotherKey) {
  EXPECT_EQ(verify(signed_message({integrity::sha1, integrity::none}, true), other_key), integrity::none);
  EXPECT_EQ(verify(signed_message({integrity::sha256, integrity::none}, true), other_key), integrity::none);
  EXPECT_EQ(verify(signed_message({integrity::sha1, integrity::none}, true), long_term_key{}), integrity::none);
}

TEST(StunIntegrity, IsNotSavedByTheWeakerOne) {
  auto bytes = signed_message({integrity::sha1, integrity::sha256}, false);
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(verify(bytes), integrity::none);
}

TEST(StunIntegrity, CoversEveryBitBeforeIt) {
  const auto sizes = {both{integrity::sha1, integrity::none}, both{integrity::sha256, integrity::none}};
  for (const auto& how : sizes) {
    const auto whole = signed_message(how, false);
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      auto bytes = whole;
      bytes[bit / 8] ^= std::byte{0x80} >> (bit % 8);
      const auto message = message_view::parse(bytes);
      EXPECT_TRUE(!message || verify_integrity(*message, key) == integrity::none) << bit;
    }
  }
}

TEST(StunIntegrity, HoldsWhateverWasPutBehindIt) {
  raw_message raw;
  raw.bytes = signed_message({integrity::sha1, integrity::none}, false);
  raw.add(attribute::realm, "nobody");
  EXPECT_EQ(verify(raw.bytes), integrity::sha1);
  EXPECT_EQ(verify(raw.add_fingerprint().bytes), integrity::sha1);
}

TEST(StunIntegrity, IsWhole) { // RFC 8489, 14.6: TURN is no usage that lets it be cut.
  for (std::size_t length = 16; length <= 32; length += 4) {
    auto raw = raw_message{}.add(attribute::username, "user");
    add_cut_sha256(raw, length);
    EXPECT_EQ(verify(raw.bytes), length == 32 ? integrity::sha256 : integrity::none) << length;
    raw.bytes.back() ^= std::byte{1};
    EXPECT_EQ(verify(raw.bytes), integrity::none) << length;
  }
}

TEST(StunIntegrity, OfAnEmptyMessageIsRefusedNotMissing) {
  const auto raw = raw_message{}.add(attribute::message_integrity, std::string(20, '\0'));
  EXPECT_EQ(verify(raw.bytes), integrity::none);
}

TEST(StunHmac, GivesTheVectorsOfTheirRfcs) {
  constexpr std::string_view jefe = "Jefe";
  const auto key_bytes = vectors::key_of(jefe);
  const auto text = bytes_of("what do ya want for nothing?");
  EXPECT_EQ(hex_of(hmac_sha1(key_bytes, {text})), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"); // RFC 2202, 3, 2
  EXPECT_EQ(hex_of(hmac_sha256(key_bytes, {text})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"); // RFC 4231, 4.3
}

TEST(StunHmac, TakesPartsAsIfTheyStoodTogether) {
  const auto whole = hmac_sha1(key, {bytes_of("abcdef")});
  EXPECT_EQ(hmac_sha1(key, {bytes_of("ab"), bytes_of(""), bytes_of("cdef")}), whole);
}

TEST(StunHmac, TakesAnEmptyKey) {
  EXPECT_EQ(hex_of(hmac_sha1({}, {bytes_of("")})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
  EXPECT_EQ(hex_of(hmac_sha1({}, {})), "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

} // namespace sallyport::stun
