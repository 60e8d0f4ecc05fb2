#include <gtest/gtest.h>

#include "net/core/base64url.hpp"
#include "net/sip/route_token.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

constexpr std::uint16_t node = 1;
constexpr std::uint32_t incarnation = 5;
const route_token path{
  .type = route_token::kind::path, .flow = {node, 2, 3, 4}, .session = {}, .incarnation = incarnation};
const route_token dialog_token{
  .type = route_token::kind::dialog, .flow = {node, 2, 3, 4}, .session = {node, 5, 6, 7}, .incarnation = incarnation};

token_keys keys_of(std::uint8_t id, std::uint8_t byte) {
  return token_keys{live_keys{.current = {id, test_key(byte)}}};
}

/// Every spelling that differs from the token's bytes in one bit.
template <class Judge>
void for_each_flipped_bit(const std::string& token, Judge&& judge) {
  std::vector<std::uint8_t> bytes(token.size() * 3 / 4);
  ASSERT_TRUE(read_base64url(token, bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    judge(base64url(bytes), bit);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

} // namespace

TEST(RouteToken, ReadsBackWhatItSays) {
  const auto keys = keys_of(7, 1);
  for (const auto& token : {path, dialog_token}) {
    const auto text = keys.sign(token, "call-1");
    EXPECT_LE(text.size(), 64U);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    const auto read = keys.verify(text, "call-1", node, incarnation);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, token);
  }
}

TEST(RouteToken, EverySingleFlippedBitIsRefused) {
  const auto keys = keys_of(7, 1);
  for (const auto& token : {path, dialog_token})
    for_each_flipped_bit(keys.sign(token, "call-1"), [&](const std::string& text, std::size_t bit) {
      EXPECT_FALSE(keys.verify(text, "call-1", node, incarnation)) << "bit " << bit;
    });
}

TEST(RouteToken, ADialogTokenIsGoodWithItsCallIdOnlyAPathTokenWithAny) {
  const auto keys = keys_of(7, 1);
  EXPECT_EQ(keys.verify(keys.sign(dialog_token, "call-1"), "call-2", node, incarnation).error(), token_error::forged);
  EXPECT_TRUE(keys.verify(keys.sign(path, "call-1"), "call-2", node, incarnation));
}

TEST(RouteToken, WhileKeysRotateTheFormerOneStillVerifiesAndTheNewOneSigns) {
  const token_keys rotating{{.current = {8, test_key(2)}, .former = named_key{7, test_key(1)}}};
  EXPECT_TRUE(rotating.verify(keys_of(7, 1).sign(path, ""), "", node, incarnation));
  EXPECT_TRUE(keys_of(8, 2).verify(rotating.sign(path, ""), "", node, incarnation));
  EXPECT_EQ(keys_of(8, 2).verify(keys_of(7, 1).sign(path, ""), "", node, incarnation).error(),
            token_error::unknown_key);
}

TEST(RouteToken, TheSameKeyIdWithAnotherKeyIsAForgery) {
  EXPECT_EQ(keys_of(7, 2).verify(keys_of(7, 1).sign(path, ""), "", node, incarnation).error(), token_error::forged);
}

TEST(RouteToken, ATokenFromBeforeARestartIsToldFromAForgery) {
  const auto keys = keys_of(7, 1);
  const auto text = keys.sign(path, "");
  EXPECT_EQ(keys.verify(text, "", node, incarnation + 1).error(), token_error::former_path);
  EXPECT_EQ(keys.verify(keys.sign(dialog_token, "call-1"), "call-1", node, incarnation + 1).error(),
            token_error::former_dialog);
  EXPECT_TRUE(keys.verify(text, "", node + 1, incarnation + 1)) << "another node's incarnation is not ours to judge";
}

TEST(RouteToken, WhatIsNoTokenAtAllIsSaidSo) {
  const auto keys = keys_of(7, 1);
  for (const char* text : {"", "alice", "sip:alice", "alice@example.com"})
    EXPECT_EQ(keys.verify(text, "", node, incarnation).error(), token_error::not_ours) << text;
  EXPECT_EQ(keys.verify(std::string(51, '='), "", node, incarnation).error(), token_error::not_ours);
}

TEST(RouteToken, AnUnknownVersionIsToldApart) {
  const auto keys = keys_of(7, 1);
  std::vector<std::uint8_t> bytes(27);
  const auto text = keys.sign(path, "");
  ASSERT_TRUE(read_base64url(text, bytes));
  bytes[0] = 0x21;
  EXPECT_EQ(keys.verify(base64url(bytes), "", node, incarnation).error(), token_error::unknown_version);
}

} // namespace sallyport::sip
