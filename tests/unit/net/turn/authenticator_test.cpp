#include <gtest/gtest.h>

#include "net/stun/message_writer.hpp"
#include "net/turn/authenticator.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using stun::attribute;
using stun::integrity;

constexpr std::int64_t t0 = 1'795'000'000;
constexpr const char* realm = "edge.example";
const endpoint client = *endpoint::parse("192.0.2.1:40000");

std::shared_ptr<const keyed_hash> key(std::uint8_t byte) {
  std::array<std::uint8_t, secret_key::size_bytes> bytes;
  bytes.fill(byte);
  return std::make_shared<const keyed_hash>(secret_key{bytes});
}

/// An Allocate as a client with this name, realm, nonce and key writes it. What is not set is left out.
struct request {
  std::optional<std::string> username = "bob";
  std::optional<std::string> in_realm = realm;
  std::optional<std::string> nonce;
  stun::long_term_key signed_with = stun::make_long_term_key("bob", realm, "secret");
  integrity how = integrity::sha1;
  bool has_userhash = false;
};

std::span<const std::byte> write(const request& what, std::span<std::byte> into) {
  stun::message_writer writer{into, stun::method::allocate, stun::message_class::request, {}};
  if (what.username)
    writer.put_text(attribute::username, *what.username);
  if (what.has_userhash)
    writer.put(attribute::userhash, std::array<std::byte, 32>{});
  if (what.in_realm)
    writer.put_text(attribute::realm, *what.in_realm);
  if (what.nonce)
    writer.put_text(attribute::nonce, *what.nonce);
  return writer.sign(what.how, what.signed_with).finish();
}

class Authenticator : public testing::Test {
protected:
  std::string fresh() const { return text(source_->make(client, t0)); }
  static std::string text(const nonces::text& nonce) { return {nonce.begin(), nonce.end()}; }

  result<authenticated, refusal> judge(const request& what, std::int64_t at = t0, const endpoint& from = client) {
    const auto message = stun::message_view::parse(write(what, buffer_));
    EXPECT_TRUE(message.has_value());
    return listener_.authenticate(*message, from, at);
  }

  std::pair<unsigned, std::string_view> refused(const request& what, std::int64_t at = t0,
                                                const endpoint& from = client) {
    const auto answer = judge(what, at, from);
    return answer ? std::pair{200U, std::string_view{}} : std::pair{answer.error().code, answer.error().reason};
  }

  using code_and_reason = std::pair<unsigned, std::string_view>;
  std::array<std::byte, 2048> buffer_;
  std::shared_ptr<const nonces> source_ = std::make_shared<const nonces>(key(1), nullptr, 1h);
  authenticator listener_{
    std::make_shared<const credentials>(
      realm,
      std::vector<static_user>{
        {.name = "bob", .key = stun::make_long_term_key("bob", realm, "secret"), .identity = "bob@example.org"},
        {.name = "carol", .key = stun::make_long_term_key("carol", realm, "secret"), .identity = ""}},
      std::vector<std::string>{"south", "north"}),
    source_};
};

TEST_F(Authenticator, AcceptsAUserWithTheRightKeyAndAFreshNonce) {
  const auto answer = judge({.nonce = fresh()});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->username, "bob");
  EXPECT_EQ(answer->who.identity, "bob@example.org");
  EXPECT_EQ(answer->who.key, stun::make_long_term_key("bob", realm, "secret"));
  EXPECT_EQ(answer->how, integrity::sha1);
  EXPECT_EQ(answer->counted_as(), "bob@example.org");
}

TEST_F(Authenticator, AUserWithoutAnIdentityIsCountedByName) {
  const auto answer =
    judge({.username = "carol", .nonce = fresh(), .signed_with = stun::make_long_term_key("carol", realm, "secret")});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->counted_as(), "carol");
}

TEST_F(Authenticator, AcceptsSha256AndSaysSo) {
  const auto answer = judge({.nonce = fresh(), .how = integrity::sha256});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->how, integrity::sha256);
}

TEST_F(Authenticator, AcceptsEphemeralUsersOfBothLiveSecretsAndOfNoOther) {
  const std::string name = "1795003600:alice";
  // printf %s 1795003600:alice | openssl dgst -sha1 -hmac SECRET -binary | base64
  for (const char* password : {"NO8G5Dq/X5V3zovs3GZACmL71Ys=", "Tp795jkQlYK08ERTpHQEdcIDM1I="}) {
    const auto alices_key = stun::make_long_term_key(name, realm, password);
    const request asked{.username = name, .nonce = fresh(), .signed_with = alices_key};
    const auto answer = judge(asked);
    ASSERT_TRUE(answer) << password;
    EXPECT_EQ(answer->counted_as(), "alice");
    EXPECT_EQ(answer->who.key, alices_key);
  }
  const auto other_key = stun::make_long_term_key(name, realm, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
  EXPECT_EQ(refused({.username = name, .nonce = fresh(), .signed_with = other_key}),
            (code_and_reason{401, "wrong_integrity"}));
}

TEST_F(Authenticator, AnExpiredEphemeralUserIsUnknown) {
  const std::string name = "1795003600:alice";
  const auto alices_key = stun::make_long_term_key(name, realm, "NO8G5Dq/X5V3zovs3GZACmL71Ys=");
  const request asked{.username = name, .nonce = text(source_->make(client, t0 + 3600)), .signed_with = alices_key};
  EXPECT_EQ(refused(asked, t0 + 3600), (code_and_reason{200, ""}));
  EXPECT_EQ(refused(asked, t0 + 3601), (code_and_reason{401, "unknown_user"}));
}

TEST_F(Authenticator, WithoutIntegrityTheAnswerIs401WhateverElseIsThere) {
  EXPECT_EQ(refused({.nonce = fresh(), .how = integrity::none}), (code_and_reason{401, "no_integrity"}));
  EXPECT_EQ(refused({.username = {}, .in_realm = {}, .nonce = {}, .how = integrity::none}),
            (code_and_reason{401, "no_integrity"}));
}

TEST_F(Authenticator, WithIntegrityButWithoutNameRealmOrNonceTheAnswerIs400) {
  const code_and_reason incomplete{400, "incomplete_credentials"};
  EXPECT_EQ(refused({.username = {}, .nonce = fresh()}), incomplete);
  EXPECT_EQ(refused({.in_realm = {}, .nonce = fresh()}), incomplete);
  EXPECT_EQ(refused({.nonce = {}}), incomplete);
  EXPECT_EQ(refused({.nonce = {}, .how = integrity::sha256}), incomplete);
}

TEST_F(Authenticator, AnEmptyNameIsANameAndNobodys) {
  EXPECT_EQ(refused({.username = "", .nonce = fresh()}), (code_and_reason{401, "unknown_user"}));
}

TEST_F(Authenticator, AUserhashStandsForANameButForNobodys) {
  EXPECT_EQ(refused({.username = {}, .nonce = fresh(), .has_userhash = true}), (code_and_reason{401, "unknown_user"}));
}

TEST_F(Authenticator, AnUnknownUserGets401) {
  EXPECT_EQ(refused({.username = "mallory", .nonce = fresh()}), (code_and_reason{401, "unknown_user"}));
  EXPECT_EQ(refused({.username = std::string(509, 'a'), .nonce = fresh()}), (code_and_reason{401, "unknown_user"}));
}

TEST_F(Authenticator, AWrongPasswordGets401) {
  const auto wrong = stun::make_long_term_key("bob", realm, "Secret");
  EXPECT_EQ(refused({.nonce = fresh(), .signed_with = wrong}), (code_and_reason{401, "wrong_integrity"}));
  EXPECT_EQ(refused({.nonce = fresh(), .signed_with = wrong, .how = integrity::sha256}),
            (code_and_reason{401, "wrong_integrity"}));
}

TEST_F(Authenticator, AChangedByteGets401) {
  auto message = write({.nonce = fresh()}, buffer_);
  buffer_[8] ^= std::byte{1}; // In the transaction id.
  const auto answer = listener_.authenticate(*stun::message_view::parse(message), client, t0);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, 401u);
}

TEST_F(Authenticator, AnotherRealmGets401EvenWithTheRightKey) {
  EXPECT_EQ(refused({.in_realm = "edge.example.", .nonce = fresh()}), (code_and_reason{401, "foreign_realm"}));
  EXPECT_EQ(refused({.in_realm = "Edge.example", .nonce = fresh()}), (code_and_reason{401, "foreign_realm"}));
  EXPECT_EQ(refused({.in_realm = "", .nonce = fresh()}), (code_and_reason{401, "foreign_realm"}));
}

TEST_F(Authenticator, AnOldNonceGets438) {
  EXPECT_EQ(refused({.nonce = fresh()}, t0 + 3600), (code_and_reason{200, ""}));
  EXPECT_EQ(refused({.nonce = fresh()}, t0 + 3601), (code_and_reason{438, "stale_nonce"}));
}

TEST_F(Authenticator, ANonceThatIsNotOursOrNotThisClientsGets438) {
  const code_and_reason forged{438, "forged_nonce"};
  EXPECT_EQ(refused({.nonce = ""}), forged);
  EXPECT_EQ(refused({.nonce = "f//499k954d6OL34oL9FSTvy64sA"}), forged);
  EXPECT_EQ(refused({.nonce = text(nonces{key(2), nullptr, 1h}.make(client, t0))}), forged);
  EXPECT_EQ(refused({.nonce = fresh()}, t0, *endpoint::parse("192.0.2.1:40001")), forged);
  EXPECT_EQ(refused({.nonce = fresh()}, t0, *endpoint::parse("192.0.2.2:40000")), forged);
}

TEST_F(Authenticator, LooksAtTheNonceLast) { // RFC 8489, 9.2.4: the checks are ordered.
  const auto wrong = stun::make_long_term_key("bob", realm, "Secret");
  EXPECT_EQ(refused({.nonce = fresh(), .signed_with = wrong}, t0 + 3601), (code_and_reason{401, "wrong_integrity"}));
  EXPECT_EQ(refused({.username = "mallory", .nonce = "x"}), (code_and_reason{401, "unknown_user"}));
}

TEST_F(Authenticator, HandsOutNoncesThatItAccepts) {
  EXPECT_EQ(listener_.realm(), realm);
  EXPECT_TRUE(judge({.nonce = text(listener_.fresh_nonce(client, t0))}));
}

TEST_F(Authenticator, ARefusalWithATwelveCharacterRealmFitsInto96Bytes) {
  std::array<std::byte, 128> into;
  const auto nonce = listener_.fresh_nonce(client, t0);
  stun::message_writer writer{into, stun::method::allocate, stun::message_class::error, {}};
  writer.put_error(401, "Unauthenticated");
  writer.put_text(attribute::realm, listener_.realm());
  writer.put_text(attribute::nonce, {nonce.data(), nonce.size()});
  EXPECT_EQ(listener_.realm().size(), 12u);
  EXPECT_LE(writer.finish().size(), 96u);
}

} // namespace
} // namespace sallyport::turn
