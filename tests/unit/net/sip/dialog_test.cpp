#include "tests/support/sip/dialog_story.hpp"

namespace sallyport::sip {
namespace {

class CallStory : public dialog_story {};

} // namespace

TEST_F(CallStory, ACallIsAnsweredAndTheCallerHangsUp) {
  const auto invite = ring();
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_FALSE(edge_.session().is_confirmed());
  ack();
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
  EXPECT_TRUE(edge_.session().is_confirmed());
  edge_.advance(10min);
  edge_.client_sends(from_client("BYE", 2, "bye").text());
  EXPECT_EQ(heard_by_server(), "BYE sip:bob@10.0.0.9 SIP/2.0");
  EXPECT_TRUE(edge_.has_session()) << "until the BYE is answered";
  answer(200);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, ACallFromInsideFindsTheClientByItsPathAndIsAnswered) {
  request_text invite = invite_;
  invite.via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKinside";
  invite.extra = "Route: " + edge_.client_route() + "\r\n";
  edge_.server_sends(invite.text());
  EXPECT_EQ(heard_by_client(), "INVITE sip:bob@example.com SIP/2.0");
  opening_ = edge_.to_client.back();
  EXPECT_EQ(parsed(opening_)->find(header_id::route), nullptr);
  edge_.client_sends(response_text(opening_, 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  auto bye = from_client("BYE", 1, "bye", "alice");
  bye.from = "<sip:bob@example.com>;tag=bob";
  bye.extra = route_lines(false);
  auto acknowledgement = from_server("ACK", 1, "ack", "alice");
  acknowledgement.to = "<sip:bob@example.com>;tag=bob";
  acknowledgement.extra = route_lines(true);
  edge_.server_sends(acknowledgement.text());
  EXPECT_EQ(heard_by_client(), "ACK sip:alice@192.0.2.10:5061 SIP/2.0");
  edge_.client_sends(bye.text());
  EXPECT_EQ(heard_by_server(), "BYE sip:bob@10.0.0.9 SIP/2.0");
  answer(200);
  edge_.expect_nothing_left();
}

TEST_F(CallStory, TheTokenOfACallFromOutsideNamesTheCallersFlowAndWhoseItIs) {
  edge_.client_binding = 0xca11e7;
  const auto token = edge_.token_in(parsed(call())->value(header_id::record_route), "call-1");
  EXPECT_EQ(token.type, route_token::kind::dialog);
  EXPECT_EQ(token.flow, (flow_key{outside_client.flow, 5}));
  EXPECT_EQ(token.binding, 0xca11e7u);
  EXPECT_EQ(token.session, (session_key{{1, 0, 77, 2}, 5}));
}

TEST_F(CallStory, TheTokenOfACallFromInsideRepeatsWhatThePathSaysOfTheCallee) {
  const lane_key elsewhere{{9, 0, 10, 1}, 4}; // Of another node, whose life is its own.
  const route_token path{.type = route_token::kind::path, .flow = elsewhere, .binding = 0xca11ee};
  request_text invite = invite_;
  invite.via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKinside";
  invite.extra = "Route: <sip:" + test_facts().tokens->sign(path, "") + "@edge-in.example:5061;lr>\r\n";
  edge_.server_sends(invite.text());
  const auto token = edge_.token_in(parsed(edge_.to_server.back())->value(header_id::record_route), "call-1");
  EXPECT_EQ(token.flow, elsewhere);
  EXPECT_EQ(token.binding, 0xca11eeu);
  EXPECT_EQ(token.session, (session_key{{1, 0, 77, 2}, 5}));
}

TEST_F(CallStory, ABusyCalleeIsToldOnAndAcknowledgedHere) {
  const auto invite = call();
  answer(486);
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@example.com SIP/2.0");
  EXPECT_EQ(heard_by_client(), "SIP/2.0 486 Busy Here");
  EXPECT_FALSE(edge_.has_session());
  edge_.client_sends(request_text{.method = "ACK", .to = "<sip:bob@example.com>;tag=bob"}.text());
  EXPECT_EQ(edge_.to_server.size(), 2U) << "the ACK of a refusal is hop by hop";
  edge_.expect_nothing_left();
}

TEST_F(CallStory, TheCallerCancelsWhileItRings) {
  const auto invite = ring();
  cancel();
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  answer(200, "x");
  expect_terminated(invite);
}

TEST_F(CallStory, ACancelBeforeAnyResponseWaitsForOne) {
  const auto invite = call();
  cancel();
  EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 100));
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  expect_terminated(invite);
}

TEST_F(CallStory, ACancelThatCrossesThe2xxLosesAndTheCallerSaysBye) {
  const auto invite = ring();
  cancel();
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_TRUE(edge_.has_session());
  ack();
  hang_up();
  edge_.expect_nothing_left();
}

TEST_F(CallStory, ACancelledCallThatIsNeverAnsweredEndsWithA487FromHere) {
  ring();
  cancel();
  edge_.advance(32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, NobodyAnswersTheInviteAtAll) {
  call();
  edge_.advance(32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 408 Request Timeout");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, ItRingsPastTimerC) {
  const auto invite = ring();
  edge_.advance(199s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 180 Ringing");
  edge_.advance(1s);
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  expect_terminated(invite);
}

TEST_F(CallStory, EachRingingStartsTimerCAnew) {
  const auto invite = call();
  for (int i = 0; i < 5; ++i) {
    edge_.server_sends(response_text(invite, 180));
    edge_.advance(150s);
  }
  EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
  edge_.advance(50s + 32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 408 Request Timeout") << "the CANCEL had no effect either";
  edge_.expect_nothing_left();
}

TEST_F(CallStory, TheCallerIsGoneWhileItRings) {
  const auto invite = ring();
  edge_.client_is_gone();
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 487));
  edge_.expect_nothing_left();
}

TEST_F(CallStory, ANextHopThatRefusesConnectionsMeans503) {
  edge_.server_refuses_connections();
  edge_.client_sends(invite_.text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 503 Service Unavailable");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, AReceived503GoesOnAs500WithoutItsRetryAfter) { // RFC 3261, 16.7 step 6
  const auto invite = call();
  edge_.server_sends(response_text(invite, 503, "bob", header_text{"Retry-After", "120"}));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 500 Server Internal Error");
  EXPECT_EQ(parsed(edge_.to_client.back())->find(header_id::retry_after), nullptr);
  edge_.expect_nothing_left();
}

TEST_F(CallStory, A6xxEndsItToo) {
  call();
  answer(603);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 603 Decline");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, EveryForked2xxGoesUpAndEachForkHasItsOwnEnd) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180, "one"));
  edge_.server_sends(response_text(invite, 180, "two"));
  edge_.server_sends(response_text(invite, 200, "one"));
  edge_.server_sends(response_text(invite, 200, "two"));
  EXPECT_EQ(parsed(edge_.to_client.back())->value(header_id::to), "<sip:bob@example.com>;tag=two");
  ack("one", "ack1");
  ack("two", "ack2");
  hang_up(2, "two");
  EXPECT_TRUE(edge_.has_session()) << "the first fork talks on";
  edge_.advance(33s);
  hang_up(3, "one");
  edge_.expect_nothing_left();
}

TEST_F(CallStory, WaitsForTheOtherForksOf64T1EvenWhenTheFirstHungUp) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180, "one"));
  edge_.server_sends(response_text(invite, 180, "two"));
  edge_.server_sends(response_text(invite, 200, "one"));
  ack("one");
  hang_up(2, "one");
  EXPECT_TRUE(edge_.has_session());
  edge_.server_sends(response_text(invite, 200, "two"));
  EXPECT_EQ(parsed(edge_.to_client.back())->value(header_id::to), "<sip:bob@example.com>;tag=two");
  ack("two", "ack2");
  hang_up(3, "two");
  edge_.advance(32s);
  edge_.expect_nothing_left();
}

TEST_F(CallStory, OneForkPastTheLimitIsNotToldOnUnlessItAnswers) {
  const auto invite = call();
  for (int i = 0; i < 16; ++i)
    edge_.server_sends(response_text(invite, 180, "fork" + std::to_string(i)));
  const auto heard = edge_.to_client.size();
  edge_.server_sends(response_text(invite, 180, "fork16"));
  EXPECT_EQ(edge_.to_client.size(), heard);
  EXPECT_EQ(edge_.session().fork_count(), 16U);
  edge_.server_sends(response_text(invite, 200, "fork16"));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_EQ(edge_.session().fork_count(), 16U);
  ack("fork16");
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
}

TEST_F(CallStory, ALostAckBringsThe2xxAgainAndTheNextAckGoesThrough) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 200));
  edge_.advance(500ms);
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(edge_.to_client.size(), 3U) << "100, and the 200 twice";
  ack();
  EXPECT_TRUE(edge_.session().is_confirmed());
}

TEST_F(CallStory, A2xxThatIsNeverAcknowledgedEndsAfterTheCalleesChanceToSayBye) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 200));
  edge_.advance(63s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

} // namespace sallyport::sip
