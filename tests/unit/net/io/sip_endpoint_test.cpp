#include "net/io/sip_endpoint.hpp"
#include "net/sip/local_response.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SipEndpoint : public sip_world {
protected:
  /// The user opens a transaction for every request and remembers its name.
  void open_transactions() {
    user_.when_request = [this](const sip::arrival& from, const sip::message_view& request) {
      const auto verdict = endpoint_->open_transaction(from, request);
      if (const auto* opened = std::get_if<sip::new_request>(&verdict))
        opened_.push_back(opened->transaction);
    };
  }
  void respond(std::size_t which, unsigned status) {
    const auto& [from, request] = user_.requests.at(which);
    endpoint_->respond(opened_.at(which), status, sip::write_local_response(*request, from, status, "", "tag"));
  }
  /// Sends one request and waits until the user has it.
  void deliver(wire& by, const request_text& request) {
    const auto before = user_.requests.size();
    by.send(request.text());
    ASSERT_TRUE(until([&] { return user_.requests.size() > before; }));
  }

  std::vector<sip::transaction_id> opened_;
};

TEST_F(SipEndpoint, ARefusalWithoutATransactionHasItsViaStampedAndLeavesNothingBehind) {
  start();
  user_.when_request = [this](const auto& from, const auto& request) {
    endpoint_->refuse(from, request, 403, "not_registered");
  };
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
  user_.when_request = [this](const auto& from, const auto& request) {
    endpoint_->refuse(from, request, 403, "not_registered");
  };
  auto caller = client();
  caller.send(request_text{}.text());
  const auto first = message_on(caller);
  caller.send(request_text{}.text());
  EXPECT_EQ(message_on(caller), first); // RFC 3261, 8.2.7.
}

TEST_F(SipEndpoint, AnAckIsNeverAnswered) {
  start();
  user_.when_request = [this](const auto& from, const auto& request) {
    endpoint_->refuse(from, request, 403, "not_registered");
  };
  auto caller = client();
  deliver(caller, {.method = "ACK"});
  deliver(caller, {.branch = "z9hG4bK-2"});
  EXPECT_THAT(header_of(message_on(caller), "CSeq"), "1 MESSAGE");
  EXPECT_EQ(count_of(counters().dropped, "not_registered"), 1u);
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
  open_transactions();
  auto caller = client();
  deliver(caller, {.method = "INVITE"});
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 100 Trying"));
  EXPECT_EQ(counters().server_transactions.read(), 1u);

  respond(0, 486);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 486 Busy Here"));
}

TEST_F(SipEndpoint, ARetransmissionMakesNoSecondTransaction) {
  start();
  open_transactions();
  auto caller = client();
  deliver(caller, {});
  deliver(caller, {});
  EXPECT_EQ(opened_.size(), 1u);
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
  const auto flow = user_.requests[0].from.flow;
  endpoint_->request(outgoing({session_, 1}, flow, {.method = "OPTIONS"}));
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
  endpoint_->request(outgoing({session_, 1}, sip::flow_id{this_node, 2, 9, 9}, {}));
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].client, (sip::client_key{session_, 1}));
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::transport);
}

TEST_F(SipEndpoint, AFlowThatEndsFailsWhatWasSentOnItAndEndsWhatCameByIt) {
  start();
  open_transactions();
  auto phone = client();
  deliver(phone, {.method = "INVITE"});
  endpoint_->assign(opened_[0], session_);
  endpoint_->request(outgoing({session_, 1}, user_.requests[0].from.flow, {}));
  EXPECT_NE(message_on(phone), "");

  phone.reset();
  ASSERT_TRUE(until([&] { return !user_.ends.empty() && !user_.failures.empty(); }));
  EXPECT_EQ(user_.ends[0].transaction, opened_[0]);
  EXPECT_EQ(user_.ends[0].session, session_);
  EXPECT_EQ(user_.ends[0].reason, sip::server_end_reason::transport);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::transport);
  EXPECT_EQ(counters().server_transactions.read(), 0u);
  EXPECT_EQ(counters().flows_outside.read(), 0u);
}

TEST_F(SipEndpoint, TimersRunOnTheLanesClock) {
  start();
  open_transactions();
  auto caller = client();
  deliver(caller, {}); // Never answered: RFC 4320, 4.2.
  send_inward(1);
  auto registrar = accepted();
  message_on(registrar); // Never answered either: Timer F.

  pass(31'999ms);
  EXPECT_TRUE(user_.failures.empty());
  pass(32ms);
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::timed_out);
  ASSERT_EQ(user_.ends.size(), 1u);
  EXPECT_EQ(user_.ends[0].reason, sip::server_end_reason::unanswered);
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

TEST_F(SipEndpoint, ALostSessionsCallersGet500AndItsCalleesACancel) {
  start();
  open_transactions();
  auto caller = client();
  deliver(caller, {.method = "INVITE"});
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 100"));
  endpoint_->assign(opened_[0], session_);
  send_inward(1, {.method = "INVITE"});
  auto registrar = accepted();
  const auto invite = message_on(registrar);
  registrar.send(answer_to(invite, "180 Ringing"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));

  endpoint_->session_lost(session_);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 500"));
  EXPECT_THAT(message_on(registrar), StartsWith("CANCEL "));
}

TEST_F(SipEndpoint, AResponseWhoseBranchNamesAnotherLanesSessionIsHandedOver) {
  start();
  const sip::session_id elsewhere{this_node, 0, 5, 1};
  const auto request = outgoing({elsewhere, 1}, sip::next_hop{}, {});
  auto inside = server();
  inside.send(answer_to(request.bytes, "200 OK"));
  ASSERT_TRUE(until([&] { return !user_.elsewhere.empty(); }));
  EXPECT_EQ(user_.elsewhere[0], elsewhere);
}

TEST_F(SipEndpoint, AResponseToWhatThisLaneSentForAnotherLanesSessionStaysHere) {
  start();
  const sip::client_key client{{this_node, 0, 5, 1}, 1};
  endpoint_->request(outgoing(client, sip::next_hop{}, {}));
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  ASSERT_TRUE(until([&] { return !user_.responses.empty() || !user_.elsewhere.empty(); }));
  EXPECT_TRUE(user_.elsewhere.empty());
  ASSERT_EQ(user_.responses.size(), 1u);
  EXPECT_EQ(user_.responses[0].client, client);
}

TEST_F(SipEndpoint, AResponseThatIsNotForUsIsDroppedAndCounted) {
  start();
  auto inside = server();
  inside.send(answer_to(request_text{}.text(), "200 OK")); // Its top Via is the client's.
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "not_our_via") == 1; }));
  const auto ours = outgoing({session_, 1}, sip::next_hop{}, {}).bytes; // Never sent.
  inside.send(answer_to(ours, "200 OK"));
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "stray_response") == 1; }));
  EXPECT_TRUE(user_.responses.empty());
}

TEST_F(SipEndpoint, WhatIsSentStatelesslyToNobodyIsDroppedAndCounted) {
  start();
  endpoint_->send_stateless(sip::flow_id{this_node, 2, 9, 9}, "ACK sip:a SIP/2.0\r\n\r\n");
  EXPECT_EQ(count_of(counters().dropped, "unsendable"), 1u);
}

TEST_F(SipEndpoint, ProvingAFlowFreesItsPlaceAtTheDoorAndNamesItsUser) {
  start();
  auto phone = client();
  deliver(phone, {});
  const auto flow = user_.requests[0].from.flow;
  EXPECT_EQ(gate_.connections(loopback().address), 1u);
  EXPECT_EQ(endpoint_->find_flow(flow)->identity(), "");

  endpoint_->prove(flow, "alice@edge.example", 7);
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
  EXPECT_EQ(endpoint_->find_flow(flow)->identity(), "alice@edge.example");
  endpoint_->prove(flow, "alice@edge.example", 7); // A refresh changes nothing.
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
  endpoint_->prove({this_node, 2, 9, 9}, "alice@edge.example", 7); // The flow is gone: nothing to prove.
}

TEST_F(SipEndpoint, WhatComesOnAProvedFlowSaysWhoseItIs) {
  start();
  auto phone = client();
  deliver(phone, {});
  EXPECT_EQ(user_.requests.back().from.binding, 0u);
  const auto flow = user_.requests.back().from.flow;
  endpoint_->prove(flow, "alice@edge.example", 7);
  deliver(phone, {.branch = "z9hG4bK-2"});
  EXPECT_EQ(user_.requests.back().from.binding, 7u);

  endpoint_->prove(flow, "alice@edge.example", 0); // A query: nothing has changed.
  deliver(phone, {.branch = "z9hG4bK-3"});
  EXPECT_EQ(user_.requests.back().from.binding, 7u);
  endpoint_->prove(flow, "alice@edge.example", 8);
  deliver(phone, {.branch = "z9hG4bK-4"});
  EXPECT_EQ(user_.requests.back().from.binding, 8u);
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
  settings.transactions.server_max = 1;
  start(settings);
  open_transactions();
  auto caller = client();
  deliver(caller, {});
  deliver(caller, {.branch = "z9hG4bK-2"});
  const auto answer = message_on(caller);
  EXPECT_THAT(answer, StartsWith("SIP/2.0 503"));
  EXPECT_EQ(header_of(answer, "Retry-After"), "10");
  EXPECT_EQ(opened_.size(), 1u);
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
