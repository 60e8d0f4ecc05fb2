#include "tests/support/captured_log.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

/// What the endpoint does with the sessions of its lane and those of others.
class SipEndpointSessions : public sip_world {
protected:
  /// An INVITE of `number` that has its session, and its 100.
  void call(wire& by, int number) {
    deliver(by, {.method = "INVITE", .branch = "z9hG4bK-" + std::to_string(number)});
    EXPECT_THAT(message_on(by), StartsWith("SIP/2.0 100"));
  }
  /// The Route of a request in a dialog of the session elsewhere.
  [[nodiscard]] std::string route_elsewhere(const std::string& call_id) const {
    const sip::route_token token{.type = sip::route_token::kind::dialog,
                                 .flow = {{this_node, 2, 1, 1}, this_incarnation},
                                 .session = {session_, this_incarnation}};
    return "Route: <sip:" + edge_tokens()->sign(token, call_id) + "@edge.example:5061;lr>";
  }
  [[nodiscard]] std::uint64_t failures() const { return lane_.counters().handler_failures.read(); }
};

TEST_F(SipEndpointSessions, ASessionIsWokenAtTheTimeThatItNamed) {
  start();
  auto caller = client();
  deliver(caller, {});
  const auto session = user_.requests[0].session;
  settle(session, {}, now_ + 10s);
  pass(9'999ms);
  EXPECT_TRUE(user_.woken.empty());
  pass(timer_slots::tick);
  EXPECT_THAT(user_.woken, ElementsAre(session));
}

TEST_F(SipEndpointSessions, ALostSessionsCallersGet500AndItsCalleesACancel) {
  start();
  auto caller = client();
  call(caller, 1);
  const auto session = user_.requests[0].session;
  settle(session, {outgoing({session, 1}, sip::next_hop{}, {.method = "INVITE"})});
  auto registrar = accepted();
  const auto invite = message_on(registrar);
  registrar.send(answer_to(invite, "180 Ringing"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));

  endpoint_->lose(session);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 500"));
  EXPECT_THAT(message_on(registrar), StartsWith("CANCEL "));
  EXPECT_THAT(user_.ended, ElementsAre(session));
  std::vector<int> told;
  for (const auto& [lane, order] : user_.relayed) {
    told.push_back(lane);
    EXPECT_EQ(std::get<sip::session_gone>(order).session, session);
  }
  EXPECT_THAT(told, ElementsAre(0, 1, 3));
}

TEST_F(SipEndpointSessions, OneThatCannotBeBegunCostsItsCallerA500AndNobodyElseAnything) {
  start();
  user_.broken_starts = 1;
  auto caller = client();
  caller.send(request_text{.method = "INVITE"}.text());
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 100"));
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 500"));
  EXPECT_EQ(failures(), 1u);
  EXPECT_EQ(counters().sessions_lost.read(), 1u);
  EXPECT_EQ(counters().sessions.read(), 0u);
  EXPECT_EQ(user_.ended, user_.started);

  user_.requests.clear();
  deliver(caller, {.branch = "z9hG4bK-2"});
  respond(0, 200);
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 200"));
}

TEST_F(SipEndpointSessions, OneThatCannotBeToldCostsItsCallerA500) {
  start();
  const captured_log log;
  user_.broken_events = 1;
  auto caller = client();
  caller.send(request_text{}.text());
  EXPECT_THAT(message_on(caller), StartsWith("SIP/2.0 500"));
  EXPECT_EQ(failures(), 1u);
  EXPECT_EQ(counters().sessions_lost.read(), 1u);
  EXPECT_EQ(user_.ended, user_.started);
  EXPECT_THAT(log.text(), HasSubstr("lane handler failed what=\"planted\""));
  EXPECT_THAT(log.text(), HasSubstr("session lost trace="));
}

TEST_F(SipEndpointSessions, WhatIsToldBesideOneThatCannotBeToldArrives) {
  start();
  auto phone = client();
  call(phone, 1);
  call(phone, 2);
  user_.broken_events = 1;
  phone.reset();
  ASSERT_TRUE(until([&] { return user_.cancels.size() == 1; }));
  EXPECT_EQ(failures(), 1u);
  ASSERT_EQ(user_.ended.size(), 1u);
  EXPECT_NE(user_.ended[0], user_.cancels[0].session);
  EXPECT_EQ(counters().sessions.read(), 1u);
}

TEST_F(SipEndpointSessions, ARequestInADialogOfAnotherLaneIsHandedOver) {
  start();
  auto caller = client();
  deliver(caller, {.call_id = "call-2", .more = {route_elsewhere("call-2")}});
  EXPECT_EQ(user_.requests[0].session, session_);
  EXPECT_TRUE(user_.started.empty());
  EXPECT_EQ(counters().relayed.read(), 1u);
}

TEST_F(SipEndpointSessions, ARequestForALaneThatIsBehindGets503AndIsCounted) {
  start();
  user_.are_others_behind = true;
  auto caller = client();
  caller.send(request_text{.call_id = "call-2", .more = {route_elsewhere("call-2")}}.text());
  const auto answer = message_on(caller);
  EXPECT_THAT(answer, StartsWith("SIP/2.0 503"));
  EXPECT_THAT(header_of(answer, "Retry-After"), testing::MatchesRegex("1[0-9]|20"));
  EXPECT_EQ(count_of(counters().dropped, "inbox_full"), 1u);
  EXPECT_EQ(counters().requests_shed.read(), 1u);
  EXPECT_EQ(counters().relayed.read(), 0u);
  EXPECT_TRUE(user_.requests.empty());
}

} // namespace
} // namespace sallyport::test
