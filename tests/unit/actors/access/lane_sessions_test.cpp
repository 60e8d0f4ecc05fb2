#include "actors/access/lane_sessions.hpp"
#include "tests/unit/actors/access/lane_sessions_world.hpp"

namespace sallyport::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::Le;
using testing::StartsWith;

/// One lane: who may cross, and what a session's life looks like from both sides.
class LaneSessions : public lane_sessions_world {};

TEST_F(LaneSessions, WhoHasRegisteredMayCallAndHangUp) {
  meet_alice();
  EXPECT_THAT(path_, HasSubstr("@10.0.0.1:5062;transport=tcp;lr;ob>"));
  EXPECT_EQ(gate_.connections(loopback().address), 0u) << "a proved flow does not count against its source";
  EXPECT_EQ(sessions(), 0u);
  EXPECT_EQ(sip().exchanges_started.read(), 1u);

  const auto call = call_from(phone_, next_hop_wire_);
  EXPECT_EQ(headers_of(call.at_callee, "Record-Route").size(), 2u);
  EXPECT_EQ(sessions(), 1u);
  expect_exchange(phone_, call.bye, next_hop_wire_);
  pass_time(33s); // Until then a forked 2xx might have come.
  EXPECT_EQ(sessions(), 0u);
  EXPECT_EQ(sip().dialogs_started.read(), 1u);
}

TEST_F(LaneSessions, ACallsTokenSaysWhoseItsFlowIsAsThePathDoesAlsoOnTheNextConnection) {
  meet_alice();
  const auto path = token_in(path_, "");
  EXPECT_NE(path.binding, 0u);
  const auto call = call_from(phone_, next_hop_wire_);
  const auto token = token_in(header_of(call.at_callee, "Record-Route"), "call");
  EXPECT_EQ(token.binding, path.binding);
  EXPECT_EQ(token.flow, path.flow);

  auto again = client();
  const auto later = token_in(register_at(again, next_hop_wire_), "");
  EXPECT_EQ(later.binding, path.binding);
  EXPECT_NE(later.flow, path.flow);
  expect_exchange(phone_, call.bye, next_hop_wire_);
}

TEST_F(LaneSessions, AnInviteOfNobodyProvedIsRefusedWithoutASession) {
  start();
  auto phone = client();
  phone.send(request_text{.method = "INVITE"}.text());
  expect_status(phone, 403);
  EXPECT_EQ(count_of(sip().refused, "not_registered"), 1u);
  EXPECT_EQ(sip().dialogs_started.read(), 0u);
  EXPECT_EQ(sip().next_hop_connects.read(), 0u);
}

TEST_F(LaneSessions, ARegistrationThatTheRegistrarRefusesProvesNobody) {
  start();
  auto phone = client();
  expect_exchange(phone, registration_of("alice"), next_hop_wire_, "403 Forbidden");
  phone.send(request_text{.method = "INVITE", .branch = "z9hG4bK-2"}.text());
  expect_status(phone, 403);
  EXPECT_EQ(count_of(sip().refused, "not_registered"), 1u);
}

TEST_F(LaneSessions, AnotherUsersFromIsRefusedOnAProvedFlow) {
  meet_alice();
  phone_.send(request_text{.from = "<sip:bob@edge.example>;tag=a1"}.text());
  expect_status(phone_, 403);
  EXPECT_EQ(count_of(sip().refused, "wrong_identity"), 1u);
}

TEST_F(LaneSessions, ATokenThatIsNotOursIsRefused) {
  start();
  const sip::token_keys other{live_keys{.current = {1, key_of(99)}}};
  const auto token = other.sign({.type = sip::route_token::kind::dialog,
                                 .flow = {{this_node, 0, 0, 1}, this_incarnation},
                                 .session = {{this_node, 0, 0, 1}, this_incarnation}},
                                "call-1");
  auto phone = client();
  phone.send(request_text{.more = {route_of("<sip:" + token + "@edge.example;lr>")}}.text());
  expect_status(phone, 403);
  EXPECT_EQ(count_of(sip().refused, "forged_token"), 1u);
}

TEST_F(LaneSessions, FromInsideNothingGoesOutWithoutAToken) {
  start();
  auto registrar = server();
  registrar.send(request_text{.method = "INVITE"}.text());
  expect_status(registrar, 404);
  registrar.send(request_text{.method = "OPTIONS", .uri = "sip:10.0.0.1:5062", .branch = "z9hG4bK-2"}.text());
  expect_status(registrar, 200);
}

TEST_F(LaneSessions, ACallFromInsideGoesDownTheFlowThatItsPathNames) {
  meet_alice();
  auto registrar = server();
  registrar.send(request_text{.method = "INVITE", .uri = "sip:alice@client.example", .more = {route_of(path_)}}.text());
  const auto invite = message_on(phone_);
  EXPECT_THAT(invite, StartsWith("INVITE sip:alice@client.example SIP/2.0"));
  EXPECT_TRUE(headers_of(invite, "Route").empty());
  phone_.send(answer_to(invite, "486 Busy Here"));
  expect_request(phone_, "ACK");
  expect_status(registrar, 100);
  expect_status(registrar, 486);
  ASSERT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(LaneSessions, OneSessionPastSessionsMaxIsToldWhenToComeBack) {
  sip_.user.sessions_max = 1;
  meet_alice();
  send_invite(phone_, {.method = "INVITE"}, next_hop_wire_);

  phone_.send(request_text{.branch = "z9hG4bK-2", .call_id = "call-2"}.text());
  const auto answer = expect_status(phone_, 503);
  EXPECT_THAT(std::stoi(header_of(answer, "Retry-After")), AllOf(Ge(10), Le(20)));
  EXPECT_EQ(sip().requests_shed.read(), 1u);
  EXPECT_EQ(sessions(), 1u);
}

TEST_F(LaneSessions, OneEventPastAnActorsCreditShedsProvisionalsAndNeverTheFinal) {
  sip_.user.events_per_session_max = 2;
  meet_alice();
  const auto invite = send_invite(phone_, {.method = "INVITE"}, next_hop_wire_);

  are_actors_held_ = true;
  for (const auto* answer : {"180 Ringing", "181 Forwarded", "182 Queued", "486 Busy Here"})
    next_hop_wire_.send(answer_to(invite, answer));
  ASSERT_TRUE(until([&] { return sip().responses.read() == 1 + 4; }));
  EXPECT_EQ(sip().events_shed.read(), 1u);
  EXPECT_EQ(sip().in_flight.read(), 3u);

  are_actors_held_ = false;
  expect_status(phone_, 180);
  expect_status(phone_, 181);
  expect_status(phone_, 486);
  EXPECT_EQ(sip().in_flight.read(), 0u);
}

TEST_F(LaneSessions, OneEventPastAnActorsCreditShedsA2xxThatWillComeAgain) {
  sip_.user.events_per_session_max = 2;
  meet_alice();
  const auto invite = send_invite(phone_, {.method = "INVITE"}, next_hop_wire_);

  are_actors_held_ = true;
  for (int i = 0; i < 3; ++i)
    next_hop_wire_.send(answer_to(invite, "200 OK"));
  ASSERT_TRUE(until([&] { return sip().responses.read() == 1 + 3; }));
  EXPECT_EQ(sip().events_shed.read(), 1u);
  EXPECT_EQ(sip().in_flight.read(), 2u);
  are_actors_held_ = false;
  expect_status(phone_, 200);
  expect_status(phone_, 200);
}

TEST_F(LaneSessions, OneRequestPastAnActorsCreditIsToldWhenToComeBack) {
  sip_.user.events_per_session_max = 1;
  meet_alice();
  const auto call = call_from(phone_, next_hop_wire_);

  are_actors_held_ = true;
  auto info = call.bye;
  info.method = "INFO";
  phone_.send(info.text());
  info.branch = "z9hG4bK-c";
  info.cseq = "3";
  phone_.send(info.text());
  const auto answer = expect_status(phone_, 503);
  EXPECT_EQ(header_of(answer, "CSeq"), "3 INFO");
  EXPECT_EQ(sip().requests_shed.read(), 1u);
}

TEST_F(LaneSessions, OneEventPastTheCreditOfAllActorsIsShedWhoeverItIsFor) {
  sip_.user.events_max = 1;
  meet_alice();
  are_actors_held_ = true;
  phone_.send(request_text{}.text());
  ASSERT_TRUE(until([&] { return sip().in_flight.read() == 1; }));
  phone_.send(request_text{.branch = "z9hG4bK-2", .call_id = "call-2"}.text());
  const auto answer = expect_status(phone_, 503);
  EXPECT_EQ(header_of(answer, "Call-ID"), "call-2");
  EXPECT_EQ(sessions(), 1u);
}

TEST_F(LaneSessions, ACancelReachesTheCalleeAndItsRefusalTheCaller) {
  meet_alice();
  const auto invite = send_invite(phone_, {.method = "INVITE"}, next_hop_wire_);
  expect_ringing(next_hop_wire_, invite, phone_);
  expect_cancelled(phone_, {}, next_hop_wire_, invite);
}

TEST_F(LaneSessions, ACallerThatIsGoneHasCancelled) {
  meet_alice();
  const auto invite = send_invite(phone_, {.method = "INVITE"}, next_hop_wire_);
  expect_ringing(next_hop_wire_, invite, phone_);
  phone_.reset();
  expect_request(next_hop_wire_, "CANCEL");
}

TEST_F(LaneSessions, ANextHopThatIsDownIsAnsweredForAndNoSessionStays) {
  start();
  next_hop_.go_down();
  auto phone = client();
  phone.send(registration_of("alice").text());
  expect_status(phone, 503);
  ASSERT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(LaneSessions, AnAckOfNoDialogOfOursGoesNowhere) {
  meet_alice();
  phone_.send(request_text{.method = "ACK"}.text());
  ASSERT_TRUE(until([&] { return count_of(sip().dropped, "ack_without_dialog") == 1; }));
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(LaneSessions, ADialogNobodyEndsLapses) {
  meet_alice();
  call_from(phone_, next_hop_wire_);
  phone_.close();
  pass_time(11h);
  EXPECT_EQ(sessions(), 1u);
  pass_time(1h);
  EXPECT_EQ(sessions(), 0u);
}

} // namespace
} // namespace sallyport::test
