#include "net/io/sip_endpoint.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

/// Who stands behind a flow, and for how long.
class SipEndpointProof : public sip_world {
protected:
  /// Who connects has to prove himself.
  void start_among_strangers() {
    unproved_ = io::unproved_limits{};
    auto settings = sip_settings_toward(next_hop_.local());
    settings.user.sessions_per_unproved_flow_max = 10; // None of them ends here.
    start(settings);
  }
  /// A phone, and the flow that it came by.
  sip::flow_id flow_of(wire& phone) {
    deliver(phone, {.branch = "z9hG4bK-p" + std::to_string(++phones_)});
    return user_.requests.back().from.flow;
  }
  void prove(const sip::flow_id& flow, seconds lifetime, sip::binding_id binding = 7,
             const std::string& user = "alice@edge.example") {
    order(sip::prove_flow{flow, user, binding, lifetime});
  }
  [[nodiscard]] std::string identity(const sip::flow_id& flow) const {
    const auto* held = endpoint_->find_flow(flow);
    return held ? held->identity() : "gone";
  }
  void expect_closed(wire& phone, io::close_reason reason) {
    ASSERT_TRUE(until([&] { return phone.is_closed(); }));
    phone.close();
    ASSERT_TRUE(until([&] { return closed_by(reason) == 1; }));
  }
  [[nodiscard]] std::size_t counted() const { return gate_.connections(loopback().address); }

  int phones_ = 0;
};

TEST_F(SipEndpointProof, FreesItsPlaceAtTheGateAndNamesItsUser) {
  start();
  auto phone = client();
  const auto flow = flow_of(phone);
  EXPECT_EQ(counted(), 1u);
  EXPECT_EQ(identity(flow), "");

  prove(flow, 60s);
  EXPECT_EQ(counted(), 0u);
  EXPECT_EQ(identity(flow), "alice@edge.example");
  prove(flow, 60s); // A refresh changes nothing.
  EXPECT_EQ(counted(), 0u);
  prove({this_node, 2, 9, 9}, 60s); // The flow is gone: nothing to prove.
}

TEST_F(SipEndpointProof, WhatComesMeanwhileSaysWhoseItIs) {
  start_among_strangers();
  auto phone = client();
  const auto flow = flow_of(phone);
  EXPECT_EQ(user_.requests.back().from.binding, 0u);
  prove(flow, 60s);
  deliver(phone, {.branch = "z9hG4bK-2"});
  EXPECT_EQ(user_.requests.back().from.binding, 7u);
  prove(flow, 60s, 8);
  deliver(phone, {.branch = "z9hG4bK-3"});
  EXPECT_EQ(user_.requests.back().from.binding, 8u);
}

TEST_F(SipEndpointProof, EndsWithTheTimeThatWasGranted) {
  start_among_strangers();
  auto phone = client();
  const auto flow = flow_of(phone);
  EXPECT_TRUE(user_.requests.back().from.is_unproved);
  prove(flow, 60s);
  pass(59s);
  deliver(phone, {.branch = "z9hG4bK-in-time"});
  EXPECT_FALSE(user_.requests.back().from.is_unproved);
  EXPECT_EQ(identity(flow), "alice@edge.example");

  pass(1s + timer_slots::tick);
  EXPECT_EQ(identity(flow), "");
  EXPECT_EQ(counted(), 1u);
  deliver(phone, {.branch = "z9hG4bK-late"});
  EXPECT_TRUE(user_.requests.back().from.is_unproved);
  EXPECT_EQ(user_.requests.back().from.binding, 0u);
  pass(29s);
  EXPECT_EQ(identity(flow), "") << "it has the time of a new one to register again";
  pass(1s);
  expect_closed(phone, io::close_reason::proof_timeout);
}

TEST_F(SipEndpointProof, Each2xxGivesItANewTime) {
  start();
  auto phone = client();
  const auto flow = flow_of(phone);
  prove(flow, 60s);
  pass(50s);
  prove(flow, 60s);
  pass(59s);
  EXPECT_EQ(identity(flow), "alice@edge.example");
  prove(flow, 5s);
  pass(6s);
  EXPECT_EQ(identity(flow), "") << "also a shorter one";
  prove(flow, 4'294'967'295s);
  pass(590s);
  EXPECT_EQ(identity(flow), "alice@edge.example") << "as long as there can be";
}

TEST_F(SipEndpointProof, EndsWithADeRegistrationOfWhoGaveItAndOfNobodyElse) {
  start();
  auto phone = client();
  const auto flow = flow_of(phone);
  prove(flow, 60s);
  prove(flow, 0s, 8);
  prove(flow, 0s, 7, "bob@edge.example");
  EXPECT_EQ(identity(flow), "alice@edge.example");
  prove(flow, 0s);
  EXPECT_EQ(identity(flow), "");
  EXPECT_EQ(counted(), 1u);

  prove(flow, 60s);
  prove(flow, 0s, 0);
  EXPECT_EQ(identity(flow), "") << "a Contact of * is all of them";
  prove(flow, 0s);
  EXPECT_EQ(counted(), 1u) << "nothing is left to end";
}

TEST_F(SipEndpointProof, ADeRegistrationProvesNothing) {
  start();
  auto phone = client();
  const auto flow = flow_of(phone);
  prove(flow, 0s);
  EXPECT_EQ(identity(flow), "");
  EXPECT_EQ(counted(), 1u);
}

TEST_F(SipEndpointProof, OneFlowPastThoseOfItsUserTakesThePlaceOfTheOldest) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.flows_per_user_max = 2;
  start(settings);
  std::vector<wire> phones;
  std::vector<sip::flow_id> flows;
  for (int i = 0; i < 4; ++i) {
    phones.push_back(client());
    flows.push_back(flow_of(phones.back()));
  }
  prove(flows[0], 60s);
  prove(flows[1], 60s, 8);
  prove(flows[0], 60s); // A refresh makes it no newer.
  prove(flows[3], 60s, 9, "bob@edge.example");
  pass(0s);
  EXPECT_EQ(identity(flows[0]), "alice@edge.example");

  prove(flows[2], 60s, 10);
  expect_closed(phones[0], io::close_reason::superseded);
  EXPECT_EQ(identity(flows[1]), "alice@edge.example");
  EXPECT_EQ(identity(flows[2]), "alice@edge.example");
  EXPECT_EQ(identity(flows[3]), "bob@edge.example");

  prove(flows[1], 0s, 8);
  prove(flows[3], 60s, 11);
  EXPECT_EQ(identity(flows[2]), "alice@edge.example") << "one of them had ended";
}

TEST_F(SipEndpointProof, AFlowThatADialogVouchesForHasAllItsTimeAgain) {
  start_among_strangers();
  auto phone = client();
  const auto flow = flow_of(phone);
  const auto session = user_.requests.back().session; // It lives until the test is over.
  pass(20s);
  const auto token = edge_facts().tokens->sign(
    {.type = sip::route_token::kind::dialog, .flow = {flow, this_incarnation}, .session = {session, this_incarnation}},
    "call-9");
  deliver(phone, {.method = "INFO",
                  .branch = "z9hG4bK-info",
                  .to = "<sip:bob@edge.example>;tag=b",
                  .call_id = "call-9",
                  .more = {"Route: <sip:" + token + "@edge.example;lr>"}});
  pass(20s);
  EXPECT_EQ(identity(flow), "");
  pass(10s + timer_slots::tick);
  expect_closed(phone, io::close_reason::proof_timeout);
}

TEST_F(SipEndpointProof, APartialMessageCountsForItsSource) {
  unproved_ = io::unproved_limits{};
  gate_ = source_limits{{.held_bytes_max = 2 * admission_ticket::step_bytes}};
  start();
  auto first = client();
  auto second = client();
  const auto part = "OPTIONS sip:a SIP/2.0\r\nSubject: " + std::string(5'000, 'x');
  first.send(part);
  ASSERT_TRUE(until([&] { return lane_.counters().bytes_in.read() == part.size(); }));
  second.send("OPTIONS");
  ASSERT_TRUE(until([&] { return second.is_closed(); }));
  EXPECT_EQ(closed_by(io::close_reason::source_bytes), 1u);
}

} // namespace
} // namespace sallyport::test
