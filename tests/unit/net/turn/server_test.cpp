#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/turn/turn_test.hpp"

namespace sallyport::turn {
namespace {

using namespace std::chrono_literals;
using stun::attribute;
using stun::message_class;
using stun::method;
using test::turn_client;
using test::turn_world;
using test::world_options;
using ::testing::ElementsAre;

class TurnServer : public test::turn_test {
protected:
  std::string dropped(std::span<const std::byte> datagram) { return world_.receive(alice_, datagram).dropped; }
};

} // namespace

TEST_F(TurnServer, TellsAnyoneWhereTheyComeFrom) {
  const auto answer = world_.ask(alice_, alice_.bare(method::binding));
  EXPECT_EQ(answer.kind, message_class::success);
  EXPECT_EQ(answer.mapped, alice_.at);
  EXPECT_FALSE(answer.has_fingerprint);
}

TEST_F(TurnServer, AddsAFingerprintToTheAnswerOfABindingThatHadOne) {
  alice_.with_fingerprint = true;
  EXPECT_TRUE(world_.ask(alice_, alice_.bare(method::binding)).has_fingerprint);
}

TEST_F(TurnServer, TellsABindingWhatItDoesNotUnderstand) {
  const auto answer = world_.ask(alice_, alice_.bare(method::binding, message_class::request, [](auto& writer) {
    writer.put_u32(static_cast<attribute>(0x7ABC), 0);
    writer.put_u32(static_cast<attribute>(0xFABC), 0); // May be ignored.
  }));
  EXPECT_EQ(answer.code, 420u);
  EXPECT_THAT(answer.unknown, ElementsAre(0x7ABC));
}

TEST_F(TurnServer, ChallengesWhoDoesNotSign) {
  for (const auto which : {method::allocate, method::refresh, method::create_permission, method::channel_bind}) {
    const auto answer = world_.ask(alice_, alice_.bare(which));
    EXPECT_EQ(answer.code, 401u);
    EXPECT_EQ(answer.realm, "edge.example");
    EXPECT_EQ(answer.nonce.size(), 27u);
  }
}

TEST_F(TurnServer, ChallengesInAtMost96Bytes) {
  alice_.with_fingerprint = true;
  const auto came = world_.receive(alice_, alice_.bare(method::allocate));
  ASSERT_TRUE(came.reply);
  EXPECT_EQ(alice_.realm.size(), 12u);
  EXPECT_LE(came.reply->size(), 96u);
  EXPECT_FALSE(alice_.read(*came.reply)->has_fingerprint);
}

TEST_F(TurnServer, ChallengesAWrongPassword) {
  turn_client mallory{"198.51.100.66:5000", "alice", "guess"};
  world_.introduce(mallory);
  EXPECT_EQ(world_.ask(mallory, mallory.allocate()).code, 401u);
}

TEST_F(TurnServer, RefusesAStaleNonceWithAFreshOne) {
  world_.introduce(alice_);
  world_.pass(1h + 1s);
  const auto answer = world_.ask(alice_, alice_.allocate());
  EXPECT_EQ(answer.code, 438u);
  alice_.nonce = answer.nonce;
  EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 0u);
}

TEST_F(TurnServer, JudgesANonceByTheWallClockAlone) {
  world_.introduce(alice_);
  world_.wall_set = 2h;
  EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 438u);
  world_.wall_set = -2h;
  world_.pass(2h);
  EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 0u);
}

TEST_F(TurnServer, JudgesEphemeralCredentialsByTheWallClockAlone) {
  const std::array<std::uint8_t, secret_key::size_bytes> key{1, 2, 3};
  world_.server.renew(
    {std::make_shared<const credentials>("edge.example", std::vector<static_user>{}, std::vector<std::string>{"north"}),
     std::make_shared<const nonces>(std::make_shared<const keyed_hash>(secret_key{key}), nullptr, 1h)});
  // Good for an hour from when this world begins; the password is that of credentials_test.cpp.
  turn_client guest{"198.51.100.7:5000", "1795003600:alice", "Tp795jkQlYK08ERTpHQEdcIDM1I="};
  world_.wall_set = 2h;
  world_.introduce(guest);
  EXPECT_EQ(world_.ask(guest, guest.allocate()).code, 401u);
  world_.wall_set = -2h;
  world_.pass(2h);
  world_.introduce(guest);
  EXPECT_EQ(world_.ask(guest, guest.allocate()).code, 0u);
}

TEST_F(TurnServer, RefusesANonceThatIsAnothers) {
  turn_client elsewhere{"198.51.100.1:5001", "alice", "alice secret"};
  world_.introduce(elsewhere);
  alice_.nonce = elsewhere.nonce;
  EXPECT_EQ(world_.ask(alice_, alice_.allocate()).code, 438u);
}

TEST_F(TurnServer, RefusesASignedRequestWithoutNonceUnsigned) {
  const auto request = alice_.bare(method::allocate, message_class::request, [&](auto& writer) {
    writer.put_text(attribute::username, alice_.name).sign(stun::integrity::sha1, alice_.key);
  });
  const auto answer = world_.ask(alice_, request);
  EXPECT_EQ(answer.code, 400u);
  EXPECT_EQ(answer.nonce, "");
  EXPECT_FALSE(answer.is_signed);
}

TEST_F(TurnServer, NamesUnknownAttributesOnlyToWhomItKnows) {
  const auto put = [](auto& writer) { writer.put_u32(static_cast<attribute>(0x7ABC), 0); };
  EXPECT_EQ(world_.ask(alice_, alice_.bare(method::allocate, message_class::request, put)).code, 401u);
  world_.introduce(alice_);
  const auto answer = world_.ask(alice_, alice_.allocate(put));
  EXPECT_EQ(answer.code, 420u);
  EXPECT_THAT(answer.unknown, ElementsAre(0x7ABC));
  EXPECT_TRUE(answer.is_signed);
}

TEST_F(TurnServer, SignsItsAnswersAsTheRequestWasSigned) {
  alice_.how = stun::integrity::sha256;
  alice_.with_fingerprint = true;
  const auto answer = world_.allocate(alice_);
  EXPECT_EQ(answer.code, 0u);
  EXPECT_TRUE(answer.is_signed);
  EXPECT_TRUE(answer.has_fingerprint);
}

TEST_F(TurnServer, IsSilentToWhatIsNoRequest) {
  EXPECT_EQ(dropped(alice_.bare(method::binding, message_class::success)), "response");
  EXPECT_EQ(dropped(alice_.bare(method::allocate, message_class::error)), "response");
  EXPECT_EQ(dropped(alice_.bare(method::binding, message_class::indication)), "indication");
  EXPECT_EQ(dropped(alice_.bare(method::data, message_class::indication)), "indication");
  EXPECT_EQ(dropped(alice_.bare(static_cast<method>(0x00A))), "unknown_method");
  EXPECT_EQ(dropped(alice_.bare(method::send)), "unknown_method");
}

TEST_F(TurnServer, IsSilentToBrokenMessages) {
  alice_.with_fingerprint = true;
  auto broken = alice_.bare(method::binding);
  broken.back() ^= std::byte{1};
  EXPECT_EQ(dropped(broken), "bad_fingerprint");
  alice_.with_fingerprint = false;
  broken = alice_.bare(method::binding);
  EXPECT_EQ(dropped(std::span{broken}.first(19)), "truncated");
  broken.emplace_back();
  EXPECT_EQ(dropped(broken), "bad_length");
  EXPECT_NE(dropped({}), "");
}

TEST(TurnServerBudget, AnswersNoMoreUnauthenticatedOfASourceThanItMay) {
  world_options options;
  options.server.unauthorized = {.per_second = 10, .burst = 3};
  turn_world world{options};
  turn_client unauthenticated{"198.51.100.66:5000", "alice", "guess"};
  const auto unknown = [](auto& writer) { writer.put_u32(static_cast<attribute>(0x7ABC), 0); };
  const auto incomplete = unauthenticated.bare(method::refresh, message_class::request, [&](auto& writer) {
    writer.sign(stun::integrity::sha1, unauthenticated.key);
  });
  EXPECT_EQ(world.ask(unauthenticated, unauthenticated.bare(method::allocate)).code, 401u);
  EXPECT_EQ(world.ask(unauthenticated, incomplete).code, 400u);
  EXPECT_EQ(world.ask(unauthenticated, unauthenticated.bare(method::binding, message_class::request, unknown)).code,
            420u);
  unauthenticated.at.port = 5001; // It is the address that counts.
  for (const auto& one : {unauthenticated.bare(method::allocate), incomplete, unauthenticated.allocate(),
                          unauthenticated.bare(method::binding, message_class::request, unknown)})
    EXPECT_EQ(world.receive(unauthenticated, one).dropped, "unauthorized_suppressed");
  EXPECT_EQ(world.ask(unauthenticated, unauthenticated.bare(method::binding)).code,
            0u); // Costs its asker as much as us.

  world.pass(100ms);
  EXPECT_EQ(world.ask(unauthenticated, unauthenticated.bare(method::allocate)).code, 401u);
  EXPECT_EQ(world.receive(unauthenticated, unauthenticated.bare(method::allocate)).dropped, "unauthorized_suppressed");
}

TEST(TurnServerBudget, DoesNotChargeWhomItKnows) {
  world_options options;
  options.server.unauthorized = {.per_second = 1, .burst = 1};
  turn_world world{options};
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  world.introduce(alice);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(world.ask(alice, alice.refresh({})).code, 437u);
}

} // namespace sallyport::turn
