#include "net/io/sip_endpoint.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SipEndpoint : public sip_world {
protected:
  /// From now on every request is answered on arrival.
  void refuse_all() { judge_->answer = {sip::access_answer::way::answered, 403, "not_registered"}; }
};

TEST_F(SipEndpoint, ARefusalWithoutATransactionHasItsViaStampedAndLeavesNothingBehind) {
  start();
  refuse_all();
  auto caller = client();
  caller.send(request_text{}.text());

  const auto answer = message_on(caller);
  EXPECT_EQ(start_line_of(answer), "SIP/2.0 403 Forbidden");
  EXPECT_EQ(header_of(answer, "Via"), "SIP/2.0/TCP client.example;branch=z9hG4bK-1;rport=" +
                                        std::to_string(caller.local().port) + ";received=127.0.0.1");
  EXPECT_THAT(header_of(answer, "To"), HasSubstr(";tag="));
  EXPECT_EQ(counters().server_transactions.read(), 0u);
  EXPECT_EQ(count_of(counters().refused, "not_registered"), 1u);
  EXPECT_EQ(counters().requests.read(), 1u);
  EXPECT_EQ(counters().flows_outside.read(), 1u);
}

TEST_F(SipEndpoint, TheSameRefusalTwiceHasTheSameTag) {
  start();
  refuse_all();
  auto caller = client();
  caller.send(request_text{}.text());
  const auto first = message_on(caller);
  caller.send(request_text{}.text());
  EXPECT_EQ(message_on(caller), first); // RFC 3261, 8.2.7.
}

TEST_F(SipEndpoint, AnAckIsNeverAnswered) {
  start();
  refuse_all();
  auto caller = client();
  caller.send(request_text{.method = "ACK"}.text());
  caller.send(request_text{.method = "ACK", .uri = "http://edge.example"}.text());
  caller.send(request_text{}.text());
  EXPECT_EQ(header_of(message_on(caller), "CSeq"), "1 MESSAGE");
  EXPECT_EQ(count_of(counters().dropped, "ack_without_dialog"), 1u);
  EXPECT_EQ(count_of(counters().dropped, "Unsupported URI Scheme"), 1u);
}

TEST_F(SipEndpoint, TellsTheUserWhereARequestCameFrom) {
  start();
  auto caller = client();
  auto inside = server();
  deliver(caller, {});
  deliver(inside, {.branch = "z9hG4bK-2"});

  const auto& outer = user_.requests[0].from;
  EXPECT_EQ(outer.from, side::outside);
  EXPECT_EQ(outer.over, transport::tcp);
  EXPECT_EQ(outer.source, caller.local());
  ASSERT_NE(endpoint_->find_flow(outer.flow), nullptr);
  EXPECT_EQ(user_.requests[1].from.from, side::inside);
  EXPECT_EQ(counters().flows_inside.read(), 1u);
}

TEST_F(SipEndpoint, AnInviteHasItsTryingAtOnceAndTheUsersAnswerAfterIt) {
  start();
  auto caller = client();
  deliver(caller, {.method = "INVITE"});
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 100 Trying"));
  EXPECT_EQ(counters().server_transactions.read(), 1u);

  respond(0, 486);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 486 Busy Here"));
}

TEST_F(SipEndpoint, ARetransmissionMakesNoSecondTransaction) {
  start();
  auto caller = client();
  deliver(caller, {});
  caller.send(request_text{}.text());
  ASSERT_TRUE(until([&] { return counters().requests_absorbed.read() == 1; }));
  EXPECT_EQ(user_.requests.size(), 1u);
  EXPECT_EQ(counters().server_transactions.read(), 1u);
  respond(0, 200);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 200 OK"));
}

TEST_F(SipEndpoint, ARequestGoesToTheNextHopAndItsResponseToItsSession) {
  start();
  const auto sent = send_inward(1, {.method = "INVITE"});
  auto registrar = accepted();
  const auto received = message_on(registrar);
  EXPECT_EQ(start_line_of(received), "INVITE sip:bob@edge.example SIP/2.0");
  EXPECT_EQ(counters().client_transactions.read(), 1u);

  registrar.send(answer_to(received, "180 Ringing"));
  registrar.send(answer_to(received, "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 2; }));
  EXPECT_EQ(user_.responses[0].client, sent);
  EXPECT_EQ(user_.responses[0].response->status(), 180u);
  EXPECT_EQ(user_.responses[1].response->status(), 200u);
  EXPECT_TRUE(user_.relayed.empty()) << "handed over as if its transaction were elsewhere";
  EXPECT_EQ(counters().responses.read(), 2u);
}

TEST_F(SipEndpoint, TheNextRequestGoesByTheSameConnection) {
  start();
  send_inward(1);
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  send_inward(2);
  EXPECT_NE(message_on(registrar), "");
  EXPECT_EQ(counters().next_hop_connects.read(), 1u);
  EXPECT_FALSE(next_hop_.accept());
}

TEST_F(SipEndpoint, ARequestGoesDownTheFlowItNamesAndTheSideOfTheResponseIsChecked) {
  start();
  auto phone = client();
  deliver(phone, {});
  send_to(user_.requests[0].from.flow, 1, {.method = "OPTIONS"});
  const auto received = message_on(phone);
  EXPECT_EQ(start_line_of(received), "OPTIONS sip:bob@edge.example SIP/2.0");

  auto impostor = server();
  impostor.send(answer_to(received, "200 OK"));
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "stray_response") == 1; }));
  EXPECT_TRUE(user_.responses.empty());
  phone.send(answer_to(received, "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
}

TEST_F(SipEndpoint, AFlowThatIsGoneFailsItsRequestAtOnce) {
  start();
  const auto sent = send_to(sip::flow_id{this_node, 2, 9, 9}, 1);
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].client, sent);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::transport);
}

TEST_F(SipEndpoint, AFlowThatEndsFailsWhatWasSentOnItAndEndsWhatCameByIt) {
  start();
  auto phone = client();
  deliver(phone, {.method = "INVITE"});
  EXPECT_THAT(message_on(phone), StartsWith("SIP/2.0 100"));
  send_to(user_.requests[0].from.flow, 1);
  EXPECT_NE(message_on(phone), "");

  phone.reset();
  ASSERT_TRUE(until([&] { return !user_.cancels.empty() && !user_.failures.empty(); }));
  EXPECT_EQ(user_.cancels[0].server, user_.requests[0].server);
  EXPECT_EQ(user_.cancels[0].session, user_.requests[0].session);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::transport);
  EXPECT_EQ(counters().server_transactions.read(), 0u);
  EXPECT_EQ(counters().flows_outside.read(), 0u);
}

TEST_F(SipEndpoint, TimersRunOnTheLanesClock) {
  start();
  auto caller = client();
  deliver(caller, {}); // Never answered: RFC 4320, 4.2.
  send_inward(1);
  auto registrar = accepted();
  message_on(registrar); // Never answered either: Timer F.

  pass(31'999ms);
  EXPECT_TRUE(user_.failures.empty());
  EXPECT_EQ(counters().server_transactions.read(), 1u);
  pass(32ms);
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::timed_out);
  EXPECT_EQ(counters().server_transactions.read(), 0u);
}

TEST_F(SipEndpoint, ATimerThatCouldNotBeHadIsAskedForAgain) {
  start();
  struct idle_handler final : io::timer_handler {
    void on_timer(std::uint64_t) override {}
  } idle;
  std::vector<timer_id> taken;
  send_inward(1, {.method = "INVITE"}); // Its connection has a timer of its own.
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
  pass(33s);
  while (const auto timer = lane_.arm(now_ + 1h, idle))
    taken.push_back(timer);
  send_inward(2);
  for (const auto timer : taken)
    lane_.cancel(timer);
  send_inward(3);

  pass(32s + timer_slots::tick);
  EXPECT_EQ(user_.failures.size(), 2u);
}

TEST_F(SipEndpoint, AResponseWhoseBranchNamesAnotherLanesSessionIsHandedOver) {
  start();
  const sip::session_id elsewhere{this_node, 0, 5, 1};
  const auto request = outgoing({elsewhere, 1}, sip::next_hop{}, {});
  auto inside = server();
  inside.send(answer_to(request.bytes, "200 OK"));
  ASSERT_TRUE(until([&] { return !user_.relayed.empty(); }));
  EXPECT_EQ(user_.relayed[0].lane, elsewhere.lane);
  EXPECT_EQ(std::get<sip::relayed_response>(user_.relayed[0].order).response->status(), 200u);
}

TEST_F(SipEndpoint, AResponseThatIsNotForUsIsDroppedAndCounted) {
  start();
  auto inside = server();
  inside.send(answer_to(request_text{}.text(), "200 OK")); // Its top Via is the client's.
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "not_our_via") == 1; }));
  const sip::session_id here{this_node, 2, 5, 1};
  const auto ours = outgoing({here, 1}, sip::next_hop{}, {}).bytes; // Never sent.
  inside.send(answer_to(ours, "200 OK"));
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "stray_response") == 1; }));
  EXPECT_TRUE(user_.responses.empty());
}

TEST_F(SipEndpoint, WhatIsSentStatelesslyToNobodyIsDroppedAndCounted) {
  start();
  order(sip::send_stateless{sip::flow_id{this_node, 2, 9, 9}, side::outside, "ACK sip:a SIP/2.0\r\n\r\n"});
  EXPECT_EQ(count_of(counters().dropped, "unsendable"), 1u);
}

TEST_F(SipEndpoint, OneFlowPastFlowsMaxIsTurnedAway) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.flows_max = 2;
  start(settings);
  auto first = client();
  auto second = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 2; }));
  auto third = client();
  ASSERT_TRUE(until([&] { return third.is_closed(); }));
  EXPECT_EQ(closed_by(io::close_reason::overload), 1u);

  first.close();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 1; }));
  auto fourth = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 2; }));
}

TEST_F(SipEndpoint, ClientsCannotTakeTheNextHopsPlace) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.flows_max = 1;
  start(settings);
  auto phone = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 1; }));
  send_inward(1);
  EXPECT_TRUE(user_.failures.empty());
  auto registrar = accepted();
  EXPECT_NE(message_on(registrar), "");
}

TEST_F(SipEndpoint, ACrowdOutsideLeavesTheServersOfTheInsideTheirPlaces) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.flows_max = 1;
  settings.inside_flows_reserved = 1;
  start(settings);
  auto phone = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 1; }));
  auto registrar = server();
  ASSERT_TRUE(until([&] { return counters().flows_inside.read() == 1; }));
  auto another = server();
  ASSERT_TRUE(until([&] { return another.is_closed(); }));
}

TEST_F(SipEndpoint, OneTransactionPastServerMaxIsToldWhenToComeBack) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.user.transactions.server_max = 1;
  start(settings);
  auto caller = client();
  deliver(caller, {});
  caller.send(request_text{.branch = "z9hG4bK-2"}.text());
  const auto answer = message_on(caller);
  EXPECT_THAT(answer, StartsWith("SIP/2.0 503"));
  EXPECT_THAT(header_of(answer, "Retry-After"), testing::MatchesRegex("1[0-9]|20"));
  EXPECT_EQ(user_.requests.size(), 1u);
}

TEST_F(SipEndpoint, CloseAllEndsEveryConnection) {
  start();
  auto phone = client();
  send_inward(1);
  auto registrar = accepted();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() + counters().flows_inside.read() == 2; }));

  endpoint_->close_all(io::close_reason::local_shutdown);
  ASSERT_TRUE(until([&] { return phone.is_closed() && registrar.is_closed(); }));
  phone.close();
  registrar.close();
  ASSERT_TRUE(until([&] { return lane_.counters().live.read() == 0; }));
  EXPECT_EQ(closed_by(io::close_reason::local_shutdown), 2u);
}

} // namespace
} // namespace sallyport::test
