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
  const auto answer = world_.ask(alice_, alice_.first_allocate());
  EXPECT_EQ(answer.code, 401u);
  EXPECT_EQ(answer.realm, "edge.example");
  EXPECT_EQ(answer.nonce.size(), 16u);
}

TEST_F(TurnServer, ChallengesAnyUnsignedRequestOfWhoHasAnAllocation) {
  (void)world_.allocate(alice_);
  for (const auto which : {method::refresh, method::create_permission, method::channel_bind})
    EXPECT_EQ(world_.ask(alice_, alice_.bare(which)).code, 401u);
}

TEST_F(TurnServer, TellsAnUnsignedRequestThatWouldFailSignedTooWhyInTheCodeAlone) {
  const auto told = [&](method which) {
    const auto reply = world_.receive(alice_, alice_.bare(which)).reply.value();
    EXPECT_EQ(reply.size(), 28u) << "of 20 asked with";
    return alice_.read(reply)->code;
  };
  EXPECT_EQ(told(method::allocate), 400u) << "no transport";
  for (const auto which : {method::refresh, method::create_permission, method::channel_bind})
    EXPECT_EQ(told(which), 437u) << "no allocation";
}

TEST_F(TurnServer, AnswersWhoHasProvedNothingInAboutAsManyBytesAsTheyAskedWith) {
  const auto answer_bytes = [&](const test::bytes& request) {
    return world_.receive(alice_, request).reply.value().size();
  };
  const auto unknown = [](auto& writer) { writer.put_u32(static_cast<attribute>(0x7ABC), 0); };
  for (const bool with_fingerprint : {false, true}) {
    alice_.with_fingerprint = with_fingerprint;
    const std::size_t own = with_fingerprint ? 8 : 0;
    EXPECT_EQ(alice_.bare(method::binding).size(), 20 + own);
    EXPECT_EQ(answer_bytes(alice_.bare(method::binding)), 32 + own);
    EXPECT_EQ(alice_.first_allocate().size(), 28 + own);
    EXPECT_EQ(answer_bytes(alice_.first_allocate()), 64u) << "for a realm of 12 characters";
    EXPECT_EQ(answer_bytes(alice_.bare(method::binding, message_class::request, unknown)), 36 + own);
  }
  alice_.at = *endpoint::parse("[2001:db8::1]:5000");
  alice_.with_fingerprint = false;
  EXPECT_EQ(answer_bytes(alice_.bare(method::binding)), 44u);
}

TEST(TurnReplies, AChallengeIsAsLongAsWasReckonedAndNoneIsLongerThanABudgetHolds) {
  std::array<std::byte, server::reply_bytes_max> room;
  const nonces::text nonce{};
  for (std::size_t characters = 1; characters <= 127; ++characters) { // RFC 8489, 14.9
    const std::string realm(characters, 'r');
    EXPECT_EQ(write_challenge(room, {}, 401, realm, {nonce.data(), nonce.size()}).size(), challenge_bytes(realm));
    EXPECT_LE(challenge_bytes(realm), server::unproved_answer_bytes_max);
  }
  const std::vector<std::uint16_t> unknown(stun::unknown_attributes::count_max, 0x7ABC);
  EXPECT_LE(write_error(room, {.has_fingerprint = true}, 420, unknown).size(), server::unproved_answer_bytes_max);
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
  EXPECT_EQ(world_
              .ask(alice_, alice_.bare(method::allocate, message_class::request,
                                       [&](auto& writer) {
                                         writer.put_u32(attribute::requested_transport, 17U << 24);
                                         put(writer);
                                       }))
              .code,
            401u);
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

namespace {

/// A world in which a source may be answered so many bytes at once, and as many a second.
world_options within(std::uint32_t bytes) {
  world_options options;
  options.server.unproved_answer_bytes = {.per_second = bytes, .burst = bytes};
  return options;
}

/// A request of each kind that earns an unsigned answer.
std::vector<test::bytes> unproved_requests(turn_client& who) {
  const auto unknown = [](auto& writer) { writer.put_u32(static_cast<attribute>(0x7ABC), 0); };
  return {who.bare(method::binding),
          who.bare(method::binding, message_class::request, unknown),
          who.first_allocate(),
          who.bare(method::allocate),
          who.bare(method::refresh),
          who.allocate(),
          who.bare(method::refresh, message_class::request,
                   [&](auto& writer) { writer.sign(stun::integrity::sha1, who.key); })};
}

} // namespace

TEST(TurnServerBudget, AnswersASourceThatHasProvedNothingWithNoMoreBytesThanItMay) {
  constexpr std::uint32_t budget = 1'000;
  turn_world world{within(budget)};
  turn_client mallory{"198.51.100.66:5000", "alice", "guess"};
  std::size_t sent = 0;
  const auto flood = [&](int requests) {
    for (int i = 0; i < requests; ++i) {
      ++mallory.at.port; // It is the address that counts.
      for (const auto& one : unproved_requests(mallory)) {
        const auto came = world.receive(mallory, one);
        EXPECT_TRUE(came.reply || came.dropped == "unauthorized_suppressed");
        sent += came.reply ? came.reply->size() : 0;
      }
    }
  };
  flood(1'000);
  EXPECT_LE(sent, budget);
  EXPECT_GT(sent, budget - 64) << "as much as it may have";
  world.pass(10s);
  flood(1'000);
  EXPECT_LE(sent, 2 * budget) << "it holds no more than one second's worth";

  for (const auto& one : unproved_requests(mallory))
    EXPECT_EQ(world.receive(mallory, one).dropped, "unauthorized_suppressed");
  turn_client other{"198.51.100.67:5000", "alice", "alice secret"};
  EXPECT_EQ(world.allocate(other).code, 0u) << "another source has its own";
}

TEST(TurnServerBudget, DoesNotChargeWhoHasSigned) {
  turn_world world{within(64)};
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  world.introduce(alice);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(world.ask(alice, alice.refresh({})).code, 437u);
}

TEST(TurnServerBudget, AnswersWhoHasAnAllocationWhateverItsSourceHasSpent) {
  turn_world world{within(64)};
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  turn_client mallory{"198.51.100.1:5001", "alice", "guess"}; // Behind the same address.
  EXPECT_EQ(world.allocate(alice).code, 0u);
  EXPECT_EQ(world.receive(mallory, mallory.bare(method::binding)).dropped, "unauthorized_suppressed");

  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(world.ask(alice, alice.bare(method::binding)).mapped, alice.at) << "keep-alives";
  world.pass(2min);
  world.wall_set = 2h; // Its nonce has aged.
  const auto stale = world.ask(alice, alice.refresh(600));
  EXPECT_EQ(stale.code, 438u);
  alice.nonce = stale.nonce;
  EXPECT_EQ(world.ask(alice, alice.refresh(0)).code, 0u);

  EXPECT_EQ(world.ask(alice, alice.bare(method::binding)).mapped, alice.at) << "two minutes' worth is there again";
  for (int i = 0; i < 3; ++i)
    (void)world.receive(alice, alice.bare(method::binding));
  EXPECT_EQ(world.receive(alice, alice.bare(method::binding)).dropped, "unauthorized_suppressed")
    << "without it, it is one of its source again";
}

TEST(TurnServerBudget, WhileItsAllocationIsNotAnsweredAClientIsOneOfItsSource) {
  turn_world world{within(64)};
  turn_client alice{"198.51.100.1:5000", "alice", "alice secret"};
  world.introduce(alice);
  world.holds_answers = true;
  EXPECT_EQ(world.receive(alice, alice.allocate()).dropped, "held");
  EXPECT_EQ(world.receive(alice, alice.bare(method::binding)).dropped, "unauthorized_suppressed");
  (void)world.answer_next();
  EXPECT_TRUE(world.receive(alice, alice.bare(method::binding)).reply);
}

namespace {

/// An office behind one address; the number of lanes that its phones are spread over.
class TurnOffice : public testing::TestWithParam<std::uint32_t> {
protected:
  static constexpr std::uint32_t office_phones = 500;

  /// What one lane has of the limit's default, and of the phones: half as many again as its share, for the kernel does
  /// not spread them evenly.
  static world_options one_lane() {
    auto options = within(server_settings{}.unproved_answer_bytes.per_second / GetParam());
    options.last_port = static_cast<std::uint16_t>(options.first_port + office_phones);
    options.pool.allocations_per_user_max = office_phones;
    return options;
  }
  static std::vector<turn_client> phones() {
    const auto count = GetParam() == 1 ? office_phones : office_phones * 3 / 2 / GetParam();
    std::vector<turn_client> all;
    for (std::uint32_t i = 0; i < count; ++i) {
      all.emplace_back("203.0.113.9:" + std::to_string(10'000 + i), "alice", "alice secret");
      all.back().with_fingerprint = true;
    }
    return all;
  }
};

} // namespace

TEST_P(TurnOffice, OfFiveHundredPhonesHasItsKeepAlivesAnsweredAlsoWhenAllComeAtOnce) {
  turn_world world{one_lane()};
  auto all = phones();
  for (int round = 0; round < 4; ++round) {
    for (auto& phone : all)
      EXPECT_EQ(world.ask(phone, phone.bare(method::binding)).mapped, phone.at);
    world.pass(15s);
  }
}

TEST_P(TurnOffice, OfFiveHundredPhonesHasItsRelaysWithinTheRetransmissionsOfTheirFirstRequest) {
  turn_world world{one_lane()};
  auto all = phones();
  std::size_t without = all.size();
  // RFC 8489, 6.2.1: when a request is sent, from the one before.
  for (const auto wait : {0ms, 500ms, 1'000ms, 2'000ms}) {
    world.pass(wait);
    for (auto& phone : all)
      if (phone.nonce == "nonce")
        if (const auto came = world.receive(phone, phone.first_allocate()); came.reply) {
          phone.nonce = phone.read(*came.reply)->nonce;
          EXPECT_EQ(world.ask(phone, phone.allocate()).code, 0u);
          --without;
        }
  }
  EXPECT_EQ(without, 0u);
}

INSTANTIATE_TEST_SUITE_P(OnLanes, TurnOffice, testing::Values(1U, 2U, 8U));

} // namespace sallyport::turn
