#include <gtest/gtest.h>

#include "net/core/base64url.hpp"
#include "net/sip/route_token.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

const route_token path{.type = route_token::kind::path, .flow = {{1, 2, 3, 4}, 5}, .binding = 0x0123456789abcdef};
const route_token dialog_token{.type = route_token::kind::dialog,
                               .flow = {{1, 2, 3, 4}, 5},
                               .binding = 0x0123456789abcdef,
                               .session = {{6, 7, 8, 9}, 10}};

token_keys keys_of(std::uint8_t id, std::uint8_t byte) {
  return token_keys{live_keys{.current = {id, test_key(byte)}}};
}

std::vector<std::uint8_t> bytes_of(std::string_view token) {
  std::vector<std::uint8_t> bytes(token.size() * 3 / 4);
  EXPECT_TRUE(read_base64url(token, bytes));
  return bytes;
}

/// Every spelling that differs from the token's bytes in one bit.
template <class Judge>
void for_each_flipped_bit(std::string_view token, Judge&& judge) {
  auto bytes = bytes_of(token);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    judge(base64url(bytes), bit);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  }
}

// What is out in registrars and dialogs, under key 7 of the bytes 01. Nothing here may change: a build that writes or
// reads other bytes loses every registration and every dialog that its predecessor carried. Those of version 1 were
// written by the last build that wrote it.
constexpr std::string_view path_1 = "EQcAAAAFAAECAAAAAwAAAATXq451OUZoQw0w";
constexpr std::string_view dialog_1 = "EgcAAAAFAAECAAAAAwAAAAQAAQUAAAAGAAAAB8eyW4M8m3Rslxc";
constexpr std::string_view full_dialog_1 = "EgeJq83v_ty6mHZUMhD-3Lr-3BI0VniavN7wEgm0AYPmUhvJ5xI";
constexpr std::string_view path_2 = "IQcAAQIAAAADAAAABAAAAAUBI0VniavN71zvjDzwcYF-hNo";
constexpr std::string_view dialog_2 = "IgcAAQIAAAADAAAABAAAAAUBI0VniavN7wAGBwAAAAgAAAAJAAAACr1pWoJJiL_KTJE";
constexpr std::string_view full_dialog_2 = "Igf-3LqYdlQyEP7cuomrze_-3LqYdlQyEP7dEjRWeJq83vASiavN7uoXcn8FwqKZvHU";

const route_token full_dialog{.type = route_token::kind::dialog,
                              .flow = {{0xfedc, 0xba, 0x98765432, 0x10fedcba}, 0x89abcdef},
                              .binding = 0xfedcba9876543210,
                              .session = {{0xfedd, 0x12, 0x3456789a, 0xbcdef012}, 0x89abcdee}};

} // namespace

TEST(RouteToken, VersionTwoIsWrittenAsItAlwaysWas) {
  const auto keys = keys_of(7, 1);
  EXPECT_EQ(keys.sign(path, ""), path_2);
  EXPECT_EQ(keys.sign(dialog_token, "call-1"), dialog_2);
  EXPECT_EQ(keys.sign(full_dialog, "call-1"), full_dialog_2);
}

TEST(RouteToken, VersionTwoIsReadAsItAlwaysWas) {
  const auto keys = keys_of(7, 1);
  EXPECT_EQ(keys.verify(path_2, ""), path);
  EXPECT_EQ(keys.verify(dialog_2, "call-1"), dialog_token);
  EXPECT_EQ(keys.verify(full_dialog_2, "call-1"), full_dialog);
}

TEST(RouteToken, VersionOneIsReadWithoutBindingAndWithOneIncarnationForFlowAndSession) {
  const auto keys = keys_of(7, 1);
  EXPECT_EQ(keys.verify(path_1, "any"), (route_token{.type = route_token::kind::path, .flow = {{1, 2, 3, 4}, 5}}));
  EXPECT_EQ(keys.verify(dialog_1, "call-1"),
            (route_token{.type = route_token::kind::dialog, .flow = {{1, 2, 3, 4}, 5}, .session = {{1, 5, 6, 7}, 5}}));
  EXPECT_EQ(keys.verify(full_dialog_1, "call-1"),
            (route_token{.type = route_token::kind::dialog,
                         .flow = {{0xfedc, 0xba, 0x98765432, 0x10fedcba}, 0x89abcdef},
                         .session = {{0xfedc, 0x12, 0x3456789a, 0xbcdef012}, 0x89abcdef}}));
}

TEST(RouteToken, ReadsBackWhatItSays) {
  const auto keys = keys_of(7, 1);
  for (const auto& token : {path, dialog_token, full_dialog}) {
    const auto text = keys.sign(token, "call-1");
    EXPECT_EQ(text.size(), token.type == route_token::kind::path ? 47U : 67U);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_EQ(keys.verify(text, "call-1"), token);
  }
}

TEST(RouteToken, EverySingleFlippedBitIsRefused) {
  const auto keys = keys_of(7, 1);
  for (const auto text : {path_1, dialog_1, path_2, dialog_2})
    for_each_flipped_bit(text, [&](const std::string& flipped, std::size_t bit) {
      EXPECT_FALSE(keys.verify(flipped, "call-1")) << text << " bit " << bit;
    });
}

TEST(RouteToken, ADialogTokenIsGoodWithItsCallIdOnlyAPathTokenWithAny) {
  const auto keys = keys_of(7, 1);
  for (const auto text : {dialog_1, dialog_2})
    EXPECT_EQ(keys.verify(text, "call-2").error(), token_error::forged) << text;
  for (const auto text : {path_1, path_2})
    EXPECT_TRUE(keys.verify(text, "call-2")) << text;
}

TEST(RouteToken, WhileKeysRotateTheFormerOneStillVerifiesAndTheNewOneSigns) {
  const token_keys rotating{{.current = {8, test_key(2)}, .former = named_key{7, test_key(1)}}};
  EXPECT_TRUE(rotating.verify(path_1, ""));
  EXPECT_TRUE(rotating.verify(path_2, ""));
  EXPECT_TRUE(keys_of(8, 2).verify(rotating.sign(path, ""), ""));
  EXPECT_EQ(keys_of(8, 2).verify(path_2, "").error(), token_error::unknown_key);
}

TEST(RouteToken, TheSameKeyIdWithAnotherKeyIsAForgery) {
  EXPECT_EQ(keys_of(7, 2).verify(path_2, "").error(), token_error::forged);
}

TEST(RouteToken, ATokenFromBeforeARestartIsGenuineAndSaysSo) {
  const auto read = keys_of(7, 1).verify(dialog_2, "call-1");
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->flow.is_former(1, 6));
  EXPECT_FALSE(read->flow.is_former(1, 5));
  EXPECT_FALSE(read->flow.is_former(6, 6)) << "another node's lives are not this one's to judge";
  EXPECT_TRUE(read->session.is_former(6, 11));
  EXPECT_FALSE(read->session.is_former(6, 10)) << "a dialog that another node has the flow of";
  EXPECT_EQ(read->binding, dialog_token.binding) << "it still says whom to look for";
}

TEST(RouteToken, WhatIsNoTokenAtAllIsSaidSo) {
  const auto keys = keys_of(7, 1);
  for (const char* text : {"", "alice", "sip:alice", "alice@example.com", "550e8400-e29b-41d4-a716-446655440000"})
    EXPECT_EQ(keys.verify(text, "").error(), token_error::not_ours) << text;
  EXPECT_EQ(keys.verify(std::string(47, '='), "").error(), token_error::not_ours);
}

TEST(RouteToken, OneCharacterMoreOrLessIsNoToken) {
  const auto keys = keys_of(7, 1);
  for (const auto text : {path_1, dialog_1, path_2, dialog_2})
    for (const std::size_t less : {1U, 2U, 4U}) {
      const std::string whole{text};
      EXPECT_EQ(keys.verify(whole.substr(less), "call-1").error(), token_error::not_ours) << text;
      EXPECT_EQ(keys.verify(whole.substr(0, whole.size() - less), "call-1").error(), token_error::not_ours) << text;
      EXPECT_EQ(keys.verify(whole + std::string(less, 'A'), "call-1").error(), token_error::not_ours) << text;
    }
}

TEST(RouteToken, AVersionOrKindOfANewerBuildIsToldApartUpToAnyLength) {
  const auto keys = keys_of(7, 1);
  for (const std::uint8_t start : {0x31, 0x32, 0xF1, 0x23, 0x20, 0x13}) {
    std::vector<std::uint8_t> bytes(72);
    bytes[0] = start;
    bytes[1] = 7;
    const auto longest = base64url(bytes);
    ASSERT_EQ(longest.size(), token_keys::text_max);
    EXPECT_EQ(keys.verify(longest, "").error(), token_error::unknown_form);
    EXPECT_EQ(keys.verify(longest + "A", "").error(), token_error::not_ours);
    EXPECT_EQ(keys.verify(longest + "AAAA", "").error(), token_error::not_ours);
    EXPECT_EQ(keys.verify(longest.substr(0, 36), "").error(), token_error::unknown_form);
    EXPECT_EQ(keys.verify(longest.substr(0, 35), "").error(), token_error::not_ours) << "no token was ever so short";
    bytes[1] = 8;
    EXPECT_EQ(keys.verify(base64url(bytes), "").error(), token_error::not_ours) << "under no key of ours";
  }
}

} // namespace sallyport::sip
