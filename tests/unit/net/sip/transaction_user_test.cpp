#include <gmock/gmock.h>

#include <random>

#include "net/sip/validate.hpp"
#include "tests/support/sip/lanes_world.hpp"

namespace sallyport::test {
namespace {

using testing::StartsWith;

/// Two lanes: alice's phone on one, the inside server's connection on the other, which is where a busy inside puts all
/// its calls.
class TransactionUser : public lanes_world {
protected:
  void meet() {
    start(2);
    phone_ = &phone_on(0);
    path_ = register_user(*phone_, "alice");
    server_ = &server_on(1);
  }
  [[nodiscard]] request_text invitation(const std::string& call = "call-1") const {
    return {.method = "INVITE",
            .uri = "sip:alice@client.example",
            .branch = "z9hG4bK-" + call,
            .call_id = call,
            .more = {"Route: " + path_}};
  }
  /// The call from inside rings; the INVITE as the phone has it.
  std::string ring() {
    say(*server_, invitation().text());
    EXPECT_EQ(next_status(*server_), 100u);
    auto invite = next_on(*phone_);
    EXPECT_THAT(invite, StartsWith("INVITE "));
    return invite;
  }
  /// It is answered and acknowledged; what a further request of its caller looks like.
  request_text answer(const std::string& invite) {
    say(*phone_, answer_to(invite, "200 OK"));
    const auto answered = next_on(*server_);
    EXPECT_EQ(status_of(answered), 200u);
    request_text within{.method = "ACK",
                        .uri = "sip:alice@client.example",
                        .branch = "z9hG4bK-ack",
                        .to = header_of(answered, "To"),
                        .more = {}};
    for (const auto& value : headers_of(answered, "Record-Route"))
      within.more.insert(within.more.begin(), "Route: " + value);
    say(*server_, within.text());
    EXPECT_THAT(next_on(*phone_), StartsWith("ACK "));
    within.cseq = "2";
    within.branch = "z9hG4bK-in";
    return within;
  }
  [[nodiscard]] std::uint64_t begun(std::size_t lane) const {
    return user(lane).counts().dialogs_started + user(lane).counts().exchanges_started;
  }

  connection* phone_ = nullptr;
  connection* server_ = nullptr;
  std::string path_;
};

} // namespace

TEST_F(TransactionUser, ACallLivesWithItsClientFromItsRingingToItsEnd) {
  meet();
  const auto invite = ring();
  EXPECT_EQ(user(0).sessions(), 1u);
  EXPECT_EQ(user(1).sessions(), 0u);
  say(*phone_, answer_to(invite, "180 Ringing"));
  EXPECT_EQ(next_status(*server_), 180u);

  auto bye = answer(invite);
  bye.method = "BYE";
  say(*server_, bye.text());
  const auto received = next_on(*phone_);
  EXPECT_THAT(received, StartsWith("BYE "));
  say(*phone_, answer_to(received, "200 OK"));
  EXPECT_EQ(next_status(*server_), 200u);
  EXPECT_EQ(begun(1), 0u) << "all of it was lane 0's";
  pass(33s); // Until then a forked 2xx might have come.
  EXPECT_EQ(user(0).sessions(), 0u);
}

TEST_F(TransactionUser, ManyCallsOfOneConnectionAreSpreadAsTheirClientsAre) {
  meet();
  auto& other = phone_on(1);
  const auto other_path = register_user(other, "bob");
  for (int call = 0; call < 100; ++call) {
    auto invite = invitation("call-" + std::to_string(call));
    if (call % 2 == 1)
      invite.more = {"Route: " + other_path};
    say(*server_, invite.text());
  }
  EXPECT_EQ(user(0).sessions(), 50u);
  EXPECT_EQ(user(1).sessions(), 50u);
}

TEST_F(TransactionUser, ACancelThatIsThereBeforeItsCallHasASessionIsNotForgotten) {
  meet();
  arrive(*server_, invitation().text());
  auto cancel = invitation();
  cancel.method = "CANCEL";
  arrive(*server_, cancel.text()); // Lane 0 has not read of the call yet.
  run();
  EXPECT_EQ(next_status(*server_), 100u);
  EXPECT_EQ(next_status(*server_), 200u) << "of the CANCEL";
  const auto invite = next_on(*phone_);
  ASSERT_THAT(invite, StartsWith("INVITE "));
  EXPECT_EQ(next_on(*phone_), "") << "not before a provisional response (RFC 3261, 9.1)";

  say(*phone_, answer_to(invite, "180 Ringing"));
  const auto received = next_on(*phone_);
  ASSERT_THAT(received, StartsWith("CANCEL "));
  say(*phone_, answer_to(received, "200 OK"));
  say(*phone_, answer_to(invite, "487 Request Terminated"));
  EXPECT_THAT(next_on(*phone_), StartsWith("ACK "));
  next_on(*server_); // The 180.
  EXPECT_EQ(next_status(*server_), 487u);
}

TEST_F(TransactionUser, ACallerGoneBeforeItsCallHasASessionIsAsOneThatCancels) {
  meet();
  arrive(*server_, invitation().text());
  hang_up(*server_);
  const auto invite = next_on(*phone_);
  ASSERT_THAT(invite, StartsWith("INVITE "));
  say(*phone_, answer_to(invite, "180 Ringing"));
  EXPECT_THAT(next_on(*phone_), StartsWith("CANCEL "));
}

TEST_F(TransactionUser, ACallWhoseSessionStandsStillIsAnsweredForAndCancelled) {
  meet();
  arrive(*server_, invitation().text());
  run();
  ASSERT_EQ(next_status(*server_), 100u);
  const auto invite = next_on(*phone_);
  say(*phone_, answer_to(invite, "180 Ringing"));
  ASSERT_EQ(next_status(*server_), 180u);

  is_held_ = true;
  pass(settings_.facts.timers.forgotten_after() - 1ms);
  EXPECT_EQ(next_on(*server_), "");
  pass(1ms);
  EXPECT_EQ(next_status(*server_), 500u);
  is_held_ = false;
  run();
  EXPECT_THAT(next_on(*phone_), StartsWith("CANCEL "));
}

TEST_F(TransactionUser, OneCallPastTheSessionsOfItsClientsLaneIsToldWhenToComeBack) {
  settings_.sessions_max = 1;
  meet();
  ring();
  say(*server_, invitation("call-2").text());
  EXPECT_EQ(next_status(*server_), 100u);
  const auto refusal = next_on(*server_);
  EXPECT_EQ(status_of(refusal), 503u);
  EXPECT_THAT(header_of(refusal, "Retry-After"), testing::MatchesRegex("1[0-9]|20"));
  EXPECT_EQ(user(0).counts().requests_shed, 1u);
  EXPECT_EQ(user(1).sessions(), 0u) << "no other lane takes it";
}

TEST_F(TransactionUser, AUserWhoseCallsAreLongHasFewerOfThem) {
  settings_.request_bytes_per_user_max = 1'000;
  meet();
  auto& neighbour = phone_on(0);
  register_user(neighbour, "bob");
  const auto call = [this](connection& from, const std::string& user, const std::string& id) {
    say(from, request_text{.method = "INVITE",
                           .branch = "z9hG4bK-" + id,
                           .from = "<sip:" + user + "@edge.example>;tag=a1",
                           .call_id = id,
                           .more = {"Subject: " + std::string(800, 'x')}}
                .text());
    const auto first = next_on(from);
    return status_of(first) == 100u ? next_on(from) : first;
  };
  EXPECT_EQ(call(*phone_, "alice", "out-1"), "");
  const auto invite = next_at_registrar();
  EXPECT_EQ(status_of(call(*phone_, "alice", "out-2")), 503u);
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].reason, "user_sessions_max");
  EXPECT_EQ(call(neighbour, "bob", "out-3"), "");

  registrar_says(0, answer_to(invite, "486 Busy Here"));
  EXPECT_EQ(next_status(*phone_), 486u);
  say(*phone_, request_text{.method = "ACK", .branch = "z9hG4bK-out-1", .call_id = "out-1"}.text());
  pass(33s);
  EXPECT_EQ(call(*phone_, "alice", "out-4"), "");
}

TEST_F(TransactionUser, OneCallPastAUsersShareIsRefusedAndOthersOfHisLaneCallOn) {
  settings_.sessions_per_user_max = 1;
  meet();
  auto& other_phone = phone_on(0); // Another of his.
  register_user(other_phone, "alice");
  auto& neighbour = phone_on(0);
  register_user(neighbour, "bob");
  const auto call = [this](connection& from, const std::string& user, const std::string& id) {
    const request_text invite{
      .method = "INVITE", .branch = "z9hG4bK-" + id, .from = "<sip:" + user + "@edge.example>;tag=a1", .call_id = id};
    say(from, invite.text());
    EXPECT_EQ(next_status(from), 100u);
    return next_on(from);
  };
  EXPECT_EQ(call(*phone_, "alice", "out-1"), "");
  const auto transactions = user(0).transactions().server_count();
  say(other_phone,
      request_text{
        .method = "INVITE", .branch = "z9hG4bK-out-2", .from = "<sip:alice@edge.example>;tag=a1", .call_id = "out-2"}
        .text());
  const auto refusal = next_on(other_phone);
  EXPECT_EQ(status_of(refusal), 503u);
  EXPECT_THAT(header_of(refusal, "Retry-After"), testing::MatchesRegex("1[0-9]|20"));
  EXPECT_EQ(user(0).transactions().server_count(), transactions) << "it holds nothing until its ACK comes";
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].reason, "user_sessions_max");
  EXPECT_EQ(call(neighbour, "bob", "out-3"), "");
  ring(); // Calls to him are not his doing.
  say(*server_, invitation("call-2").text());
  EXPECT_THAT(next_on(*phone_), StartsWith("INVITE "));

  std::size_t lane = 0;
  const auto invite = next_at_registrar(&lane);
  registrar_says(lane, answer_to(invite, "486 Busy Here"));
  EXPECT_EQ(next_status(*phone_), 486u);
  say(*phone_, request_text{.method = "ACK", .branch = "z9hG4bK-out-1", .call_id = "out-1"}.text());
  pass(33s);
  EXPECT_EQ(call(other_phone, "alice", "out-4"), "");

  auto refresh = registration_of("alice"); // With his share taken he stays registered.
  refresh.branch = "z9hG4bK-refresh";
  refresh.cseq = "9";
  say(other_phone, refresh.text());
  std::string last;
  for (auto next = next_at_registrar(); !next.empty(); next = next_at_registrar())
    last = next;
  EXPECT_THAT(last, StartsWith("REGISTER "));
}

TEST_F(TransactionUser, AResponseFromElsewhereCostsNoOtherLaneAnything) {
  meet();
  const auto invite = ring();
  auto& other = phone_on(1);
  say(other, answer_to(invite, "200 OK"));
  EXPECT_EQ(dropped("stray_response"), 1u);
  EXPECT_EQ(user(1).counts().relayed, 1u) << "the call alone";
  EXPECT_EQ(next_on(*server_), "");
}

TEST_F(TransactionUser, ACallForALaneThatIsBehindIsRefusedOnArrival) {
  meet();
  inbox_max_ = 0;
  say(*server_, invitation().text());
  EXPECT_EQ(next_status(*server_), 100u);
  EXPECT_EQ(next_status(*server_), 503u);
  EXPECT_EQ(dropped("inbox_full"), 1u);
  EXPECT_EQ(user(1).counts().requests_shed, 1u);
  EXPECT_EQ(begun(0), 1u) << "the registration alone";
}

TEST_F(TransactionUser, WhatIsFinalReachesALaneThatIsBehind) {
  meet();
  const auto invite = ring();
  inbox_max_ = 0;
  say(*phone_, answer_to(invite, "180 Ringing"));
  say(*phone_, answer_to(invite, "486 Busy Here"));
  EXPECT_EQ(next_status(*server_), 486u);
  EXPECT_EQ(dropped("inbox_full"), 1u) << "the 180";
}

TEST_F(TransactionUser, OneEventPastASessionsCreditIsRefusedWhereTheRequestCameIn) {
  settings_.events_per_session_max = 1;
  meet();
  const auto invite = ring();
  auto info = answer(invite);
  info.method = "INFO";
  is_held_ = true;
  say(*server_, info.text());
  info.branch = "z9hG4bK-in2";
  info.cseq = "3";
  say(*server_, info.text());
  EXPECT_EQ(next_status(*server_), 503u);
  EXPECT_EQ(user(0).counts().events_shed, 1u);
}

TEST_F(TransactionUser, ARequestOfADialogWhoseSessionIsGoneGoesOnByItsToken) {
  meet();
  auto bye = answer(ring());
  bye.method = "BYE";
  say(*server_, bye.text());
  say(*phone_, answer_to(next_on(*phone_), "200 OK"));
  pass(33s);
  ASSERT_EQ(user(0).sessions(), 0u);
  next_on(*server_);

  bye.branch = "z9hG4bK-late";
  bye.method = "INFO";
  say(*server_, bye.text());
  const auto received = next_on(*phone_);
  EXPECT_THAT(received, StartsWith("INFO "));
  EXPECT_EQ(user(0).sessions(), 1u) << "with its client";
  say(*phone_, answer_to(received, "481 Call/Transaction Does Not Exist"));
  EXPECT_EQ(next_status(*server_), 481u);

  bye.method = "ACK";
  bye.branch = "z9hG4bK-late2";
  say(*server_, bye.text());
  EXPECT_THAT(next_on(*phone_), StartsWith("ACK "));
  EXPECT_EQ(user(0).sessions(), 0u);
}

TEST_F(TransactionUser, AFlowThatIsGoneIsToldAsSuch) {
  meet();
  hang_up(*phone_);
  say(*server_, invitation().text());
  EXPECT_EQ(next_status(*server_), 100u);
  EXPECT_EQ(next_status(*server_), 430u); // RFC 5626, 5.3.1
}

TEST_F(TransactionUser, AFlowOfALaneThatIsNotHereIsGoneToo) {
  meet();
  const auto token = settings_.facts.tokens->sign(
    {.type = sip::route_token::kind::path, .flow = {{this_node, 9, 0, 1}, this_incarnation}}, "");
  auto invite = invitation();
  invite.more = {"Route: <sip:" + token + "@10.0.0.1:5062;lr>"};
  say(*server_, invite.text());
  EXPECT_EQ(next_status(*server_), 100u);
  EXPECT_EQ(next_status(*server_), 430u);
}

TEST_F(TransactionUser, ASessionOfAFormerLifeIsNotTheOneThatHasItsNameNow) {
  meet();
  ring();
  const auto session = sessions_.begin()->first;
  const auto token = settings_.facts.tokens->sign({.type = sip::route_token::kind::dialog,
                                                   .flow = {phone_->as.flow, this_incarnation},
                                                   .session = {session, this_incarnation - 1}},
                                                  "call-2");
  say(*server_, request_text{.method = "INFO",
                             .to = "<sip:alice@edge.example>;tag=x",
                             .call_id = "call-2",
                             .more = {"Route: <sip:" + token + "@10.0.0.1:5062;lr>"}}
                  .text());
  EXPECT_THAT(next_on(*phone_), StartsWith("INFO "));
  EXPECT_EQ(user(0).sessions(), 2u);
}

// Its client has another connection by now, on another lane: the session stays where it is.
TEST_F(TransactionUser, ASessionWhoseFlowIsOnAnotherLaneSendsAndCancelsThere) {
  meet();
  answer(ring());
  const auto session = sessions_.begin()->first;
  auto& moved = phone_on(1);
  const auto token = settings_.facts.tokens->sign({.type = sip::route_token::kind::dialog,
                                                   .flow = {moved.as.flow, this_incarnation},
                                                   .session = {session, this_incarnation}},
                                                  "call-1");
  auto again = invitation();
  again.to = "<sip:alice@edge.example>;tag=b1";
  again.cseq = "3";
  again.branch = "z9hG4bK-again";
  again.more = {"Route: <sip:" + token + "@10.0.0.1:5062;lr>"};
  say(*server_, again.text());
  EXPECT_EQ(next_status(*server_), 100u);
  const auto invite = next_on(moved);
  ASSERT_THAT(invite, StartsWith("INVITE "));
  say(moved, answer_to(invite, "180 Ringing"));
  again.method = "CANCEL";
  say(*server_, again.text());
  EXPECT_THAT(next_on(moved), StartsWith("CANCEL "));
  say(moved, answer_to(invite, "487 Request Terminated"));
}

TEST_F(TransactionUser, ALostSessionIsAnsweredForOnEveryLane) {
  meet();
  is_held_ = true;
  say(*server_, invitation().text());
  EXPECT_EQ(next_status(*server_), 100u);
  const auto session = sessions_.begin()->first;
  ask(0, [&](auto& user, auto& out) { user.lose(now_, session, out); });
  run();
  EXPECT_EQ(next_status(*server_), 500u);
  EXPECT_EQ(user(0).counts().sessions_lost, 1u);
  const auto request = sip::message::parse(invitation().text());
  EXPECT_EQ(lost_, std::vector{sip::trace_of(request->view(), settings_.traces)});
}

TEST_F(TransactionUser, ATraceIsTheSameOnEveryLaneAndInBothPassesOfACall) {
  meet();
  auto& caller = phone_on(1);
  register_user(caller, "bob");
  told_.clear();
  auto invite = invitation();
  invite.from = "<sip:bob@edge.example>;tag=b";
  invite.more = {};
  say(caller, invite.text());
  const auto at_registrar = next_at_registrar();
  ASSERT_THAT(at_registrar, StartsWith("INVITE "));
  auto back = at_registrar; // The registrar sends it on to the phone of its target.
  back.insert(back.find("\r\n") + 2, "Via: SIP/2.0/TCP 10.0.0.5;branch=z9hG4bK-registrar\r\nRoute: " + path_ + "\r\n");
  say(*server_, back);
  ASSERT_THAT(next_on(*phone_), StartsWith("INVITE "));

  ASSERT_EQ(told_.size(), 2u);
  const auto& first = std::get<sip::request_received>(told_[0].second);
  const auto& second = std::get<sip::request_received>(told_[1].second);
  EXPECT_NE(first.facts.trace, 0u);
  EXPECT_EQ(first.facts.trace, second.facts.trace);
  EXPECT_NE(told_[0].first.lane, told_[1].first.lane);

  say(*server_, request_text{.call_id = "call-1"}.text());
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(refused_[0].trace, first.facts.trace) << "of what is refused too";
  say(*server_, request_text{.call_id = "call-2"}.text());
  EXPECT_NE(refused_[1].trace, first.facts.trace);
}

TEST_F(TransactionUser, WhatWasReadOnArrivalTravelsWithTheMessage) {
  meet();
  const auto invite = ring();
  const auto& event = std::get<sip::request_received>(told_.back().second);
  const auto& request = *event.request;
  EXPECT_EQ(event.facts.from.user.in(request), "alice");
  EXPECT_EQ(event.facts.from.tag.in(request), "a1");
  EXPECT_EQ(event.facts.to.host.in(request), "edge.example");
  EXPECT_FALSE(event.facts.is_in_dialog());
  EXPECT_EQ(event.facts.target_host.in(request), "client.example");
  ASSERT_NE(event.facts.routes.valid_token(), nullptr);
  EXPECT_EQ(event.facts.routes.valid_token()->flow.id, phone_->as.flow);
}

/// A day at a small office: calls both ways by whichever lane, answered, refused, cancelled, cut off and hung up in any
/// order, by a seed. The world's end says that nothing is left.
class TransactionUserDay : public TransactionUser, public testing::WithParamInterface<unsigned> {};

TEST_P(TransactionUserDay, LeavesNothingBehind) {
  meet();
  std::mt19937 dice{GetParam()};
  const auto roll = [&](unsigned sides) { return static_cast<unsigned>(dice() % sides); };
  std::uint64_t rang = 0;
  for (unsigned call = 0; call < 120; ++call) {
    const auto name = "day-" + std::to_string(call);
    arrive(*server_, invitation(name).text());
    auto cancel = invitation(name);
    cancel.method = "CANCEL";
    if (roll(4) == 0)
      arrive(*server_, cancel.text());
    run();
    const auto invite = next_on(*phone_);
    ASSERT_THAT(invite, StartsWith("INVITE "));
    ++rang;
    if (roll(2) == 0)
      say(*phone_, answer_to(invite, "180 Ringing"));
    switch (roll(5)) {
    case 0:
      say(*phone_, answer_to(invite, "486 Busy Here"));
      break;
    case 1:
      say(*phone_, answer_to(invite, "200 OK"));
      break;
    case 2:
      pass(milliseconds{roll(200'000)});
      break;
    case 3:
      say(*server_, cancel.text());
      break;
    default:
      hang_up(*server_);
      server_ = &server_on(roll(2));
    }
    phone_->received.clear();
    server_->received.clear();
    pass(milliseconds{roll(40'000)});
    phone_->received.clear();
  }
  EXPECT_EQ(rang, 120u);
  EXPECT_EQ(user(0).counts().dialogs_started, 120u);
  EXPECT_EQ(user(1).counts().dialogs_started, 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TransactionUserDay, testing::Range(1u, 9u));

} // namespace sallyport::test
