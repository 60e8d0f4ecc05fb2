#include "net/sip/server_table.hpp"
#include "tests/support/sip/transaction_layer_test.hpp"

namespace sallyport::sip {
namespace {

class ServerTable : public transaction_layer_test {};

} // namespace

TEST_F(ServerTable, AnswersAnInviteWithA100AtOnceAndRepeatsItToRetransmissions) {
  begin({});
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
  EXPECT_TRUE(is<request_absorbed>(receive({})));
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
  EXPECT_EQ(layer_.server_count(), 1U);
  EXPECT_EQ(layer_.counts().requests_absorbed, 1U);
}

TEST_F(ServerTable, PutsReceivedAndRportIntoTheViaOfItsOwnAnswers) { // RFC 3581, 4
  begin({.via = "SIP/2.0/TLS 10.1.1.1:5061;rport;branch=z9hG4bKclient1"});
  const auto trying = parsed(*all<send>().at(0).bytes);
  const auto top = parse_via(trying->value(header_id::via));
  ASSERT_TRUE(top);
  EXPECT_EQ(top->received, "192.0.2.10");
  EXPECT_EQ(top->rport, 5061);
  EXPECT_EQ(top->branch, "z9hG4bKclient1");
}

TEST_F(ServerTable, SaysNothingToANonInviteUntil3500Milliseconds) {
  begin({.method = "MESSAGE"});
  EXPECT_TRUE(out_.empty());
  advance(3499ms);
  EXPECT_TRUE(out_.empty());
  advance(1ms);
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
}

TEST_F(ServerTable, OverDatagramsRepeatsTheFinalResponseForTimerJ) {
  const request_text request{.method = "MESSAGE"};
  const auto transaction = begin(request, over_udp(outside_client));
  respond(transaction, request, 200);
  EXPECT_TRUE(is<request_absorbed>(receive(request, over_udp(outside_client))));
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  advance(32s);
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(ServerTable, WhatHasItsFinalResponseGetsNoOtherWhenItsSessionIsLost) {
  const request_text invite;
  respond(begin(invite), invite, 486);
  out_.clear();
  layer_.session_lost(now_, session, out_);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(layer_.counts().responses_late, 0U);
  EXPECT_EQ(layer_.server_count(), 1U) << "its ACK is waited for";
}

TEST_F(ServerTable, DropsASecondFinalResponseAndA408ToANonInvite) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 486);
  respond(transaction, invite, 500);
  EXPECT_TRUE(out_.empty());
  const request_text other{.method = "MESSAGE", .via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bKx"};
  respond(begin(other), other, 408);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(layer_.counts().responses_late, 2U);
}

TEST_F(ServerTable, SendsEvery2xxOfAnInviteAndKeepsNoneOfThem) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 200);
  respond(transaction, invite, 200);
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(layer_.kept_bytes(), 0U);
  EXPECT_TRUE(is<request_absorbed>(receive(invite)));
  EXPECT_TRUE(out_.empty());
  advance(32s);
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(ServerTable, AbsorbsTheAckOfARefusalAndHandsUpTheAckOfA2xx) {
  const request_text invite;
  respond(begin(invite), invite, 486);
  request_text ack{.method = "ACK", .to = "<sip:bob@example.com>;tag=bob"};
  EXPECT_TRUE(is<request_absorbed>(receive(ack)));
  EXPECT_EQ(layer_.counts().requests_absorbed, 1U);
  EXPECT_EQ(layer_.server_count(), 0U);
  ack.via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKack";
  EXPECT_TRUE(is<ack_to_2xx>(receive(ack)));
  EXPECT_EQ(layer_.counts().requests_absorbed, 1U);
  EXPECT_TRUE(out_.empty());
}

TEST_F(ServerTable, TellsTheSessionWhenARefusalIsNotAcknowledged) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 486);
  advance(32s);
  const auto ended = all<server_ended>();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].transaction, transaction);
  EXPECT_EQ(ended[0].session, session);
  EXPECT_EQ(ended[0].reason, server_end_reason::unacknowledged);
}

TEST_F(ServerTable, RepeatsARefusalOverDatagramsUntilItsAck) {
  const request_text invite;
  respond(begin(invite, over_udp(outside_client)), invite, 486);
  advance(1500ms);
  EXPECT_EQ(sent(), (lines{"SIP/2.0 486 Busy Here", "SIP/2.0 486 Busy Here"}));
  EXPECT_TRUE(is<request_absorbed>(receive({.method = "ACK"}, over_udp(outside_client))));
  advance(5s);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(ServerTable, ALingeringTransactionKeepsItsShortResponseAndNotItsRequest) {
  const request_text invite{.body = std::string(4000, 'x')};
  const auto transaction = begin(invite, over_udp(outside_client));
  respond(transaction, invite, 486);
  EXPECT_LT(layer_.kept_bytes(), 1000U);
}

TEST_F(ServerTable, AnswersAnInviteThatWasForgottenAndTellsItsSession) { // RFC 3261, 16.8
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 180);
  const auto patience = timer_values{}.forgotten_after();
  advance(patience - 1ms);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(layer_.counts().invites_forgotten, 0U);
  advance(1ms);
  EXPECT_EQ(sent(), lines{"SIP/2.0 500 Server Internal Error"});
  ASSERT_EQ(all<server_ended>().size(), 1U);
  EXPECT_EQ(all<server_ended>()[0].session, session);
  EXPECT_EQ(all<server_ended>()[0].reason, server_end_reason::forgotten);
  EXPECT_EQ(layer_.counts().invites_forgotten, 1U);

  advance(32s); // No ACK comes: Timer H.
  EXPECT_EQ(layer_.server_count(), 0U);
  EXPECT_EQ(layer_.kept_bytes(), 0U);
}

TEST_F(ServerTable, ANonInviteThatIsForgottenEndsInSilence) { // RFC 4320, 4.2
  begin({.method = "MESSAGE"});
  advance(32s);
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
  EXPECT_EQ(layer_.server_count(), 0U);
}

} // namespace sallyport::sip
