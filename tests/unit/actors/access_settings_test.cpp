#include <gmock/gmock.h>

#include "actors/access_settings.hpp"
#include "config/dev.hpp"

namespace sallyport::actors {
namespace {

using namespace std::chrono_literals;

const cluster::node_identity identity{.number = 4, .incarnation = 9};

pool_keys keys() {
  return *derive_pool_keys({std::string(32, 's')});
}

config::model model() {
  auto value = config::development_model();
  value.pool.name = "edge.example";
  value.domains = {"example.org", "example.net"};
  return value;
}

} // namespace

TEST(AccessSettings, WhatIsOfTheWholeNodeIsSharedOutOverItsLanes) {
  auto value = model();
  value.limits.connections.connections_max = 1'000;
  value.limits.access.transactions_max = 6'000;
  value.limits.access.sessions_max = 500;
  const auto sip = make_sip_settings(value, identity, keys(), 4);
  EXPECT_EQ(sip.flows_max, 250u);
  EXPECT_EQ(sip.user.transactions.server_max, 750u);
  EXPECT_EQ(sip.user.transactions.client_max, 750u);
  EXPECT_EQ(sip.user.sessions_max, 125u);
  EXPECT_EQ(sip.user.sessions_per_user_max, 31u);
  EXPECT_EQ(sip.user.transactions.unproved_server_max, 563u) << "less the quarter of who has registered";
  EXPECT_EQ(sip.user.unproved_sessions_max, 94u);
  EXPECT_EQ(sip.user.transactions.unproved_kept_bytes_max, sip.user.transactions.kept_bytes_max / 4 * 3);
}

TEST(AccessSettings, NoLaneIsLeftWithNothing) {
  auto value = model();
  value.limits.connections.connections_max = 1;
  value.limits.access.transactions_max = 1;
  value.limits.access.sessions_max = 1;
  const auto sip = make_sip_settings(value, identity, keys(), 128);
  EXPECT_EQ(sip.flows_max, 1u);
  EXPECT_EQ(sip.user.transactions.server_max, 1u);
  EXPECT_EQ(sip.user.transactions.client_max, 1u);
  EXPECT_EQ(sip.user.sessions_max, 1u);
  EXPECT_EQ(sip.user.sessions_per_user_max, 16u) << "a phone works in any case";
  EXPECT_EQ(sip.user.transactions.unproved_server_max, 1u) << "or nobody could register";
  EXPECT_EQ(sip.user.unproved_sessions_max, 1u);
}

TEST(AccessSettings, EveryLimitOfTheConfigurationArrives) {
  auto value = model();
  auto& limits = value.limits;
  limits.access.message_head_bytes_max = 1'001;
  limits.access.message_body_bytes_max = 1'002;
  limits.access.headers_max = 33;
  limits.access.message_rate_per_connection = {34};
  limits.connections.message_timeout = 35s;
  limits.connections.idle_timeout = 36s;
  limits.connections.handshake_timeout = 37s;
  limits.connections.connect_timeout = 38s;
  limits.access.timer_c = 241s;
  limits.access.dialog_lifetime = 42h;
  limits.access.events_per_session_max = 43;
  limits.access.lane_inbox_max = 1'000;
  limits.access.next_hop_queue_bytes_max = 3'000'000;
  limits.access.flows_per_user_max = 44;
  limits.access.unproved_transactions_max = 45;
  limits.access.unproved_sessions_max = 46;
  limits.access.sessions_max = 200;
  limits.connections.proved_reserve = 47;

  const auto sip = make_sip_settings(value, identity, keys(), 1);
  EXPECT_EQ(sip.outside.messages.head_bytes_max, 1'001u);
  EXPECT_EQ(sip.outside.messages.body_bytes_max, 1'002u);
  EXPECT_EQ(sip.outside.messages.headers_max, 33u);
  EXPECT_EQ(sip.outside.messages_per_second.per_second, 34u);
  EXPECT_EQ(sip.outside.messages_per_second.burst, 34u);
  EXPECT_EQ(sip.outside.message_timeout, 35s);
  EXPECT_EQ(sip.flows_per_user_max, 44u);
  EXPECT_EQ(sip.user.transactions.server_per_unproved_flow_max, 45u);
  EXPECT_EQ(sip.user.sessions_per_unproved_flow_max, 46u);
  EXPECT_EQ(sip.user.unproved_sessions_max, 106u);
  EXPECT_EQ(sip.outside.idle_timeout, 36s);
  EXPECT_EQ(sip.next_hops.front().connection.timeout, 38s);
  EXPECT_EQ(sip.next_hops.front().connection.streams.handshake_timeout, 37s);
  EXPECT_EQ(sip.user.facts.timers.c, 241s);
  EXPECT_EQ(sip.user.facts.limits.dialog_lifetime, 42h);
  EXPECT_EQ(sip.user.events_per_session_max, 43u);
  EXPECT_EQ(sip.user.events_max, 500u);
  EXPECT_EQ(sip.next_hop_queue.queue_bytes_max, 3'000'000u);
}

TEST(AccessSettings, OurOwnServersMaySendAsFastAndBeSilentForAsLongAsTheyLike) {
  const auto sip = make_sip_settings(model(), identity, keys(), 1);
  EXPECT_EQ(sip.inside.messages_per_second.per_second, 0u);
  EXPECT_EQ(sip.inside.idle_timeout, 0ms);
  EXPECT_EQ(sip.inside.message_timeout, sip.outside.message_timeout);
}

TEST(AccessSettings, ALaneKnowsItsNodeAndThePoolsKeys) {
  const auto shared = keys();
  const auto sip = make_sip_settings(model(), identity, shared, 1);
  EXPECT_EQ(sip.user.facts.node, 4);
  EXPECT_EQ(sip.user.facts.incarnation, 9u);
  EXPECT_EQ(sip.user.facts.loop_key, shared.loops);
  EXPECT_EQ(sip.user.facts.tokens, shared.tokens);
  EXPECT_EQ(sip.user.facts.binding_key, shared.bindings);
  EXPECT_EQ(sip.user.traces("call"), shared.traces("call"));
}

TEST(AccessSettings, RulesAreTheDomainsAndTheSwitchForRemoteUsers) {
  auto value = model();
  const auto answer = [&](std::string_view domain) {
    return make_sip_settings(value, identity, keys(), 1)
      .user.judge->judge({.method = sip::method::register_, .to_domain = domain, .request_domain = domain})
      .reason;
  };
  EXPECT_EQ(answer("example.net"), "to_next_hop");
  EXPECT_EQ(answer("edge.example"), "foreign_registration");
  value.access->remote.enabled = false;
  EXPECT_EQ(answer("example.net"), "remote_disabled");
}

TEST(AccessSettings, OutsideThePoolIsNamedAndInViaTheNode) {
  auto value = model();
  value.access->outside.listen = {*endpoint::parse("192.0.2.1:443"), *endpoint::parse("[2001:db8::1]:5061")};
  value.access->inside.listen = *endpoint::parse("10.0.0.1:5062");
  const auto made = make_edge_identity(value);
  EXPECT_EQ(made->outside.advertised.text(), "edge.example:443");
  EXPECT_EQ(made->outside.sent_by.text(), "192.0.2.1:443");
  EXPECT_EQ(made->outside.over, transport::tls);
  EXPECT_EQ(made->inside.advertised.text(), "10.0.0.1:5062");
  EXPECT_EQ(made->inside.over, value.access->inside.transport);
  EXPECT_TRUE(made->is_us("edge.example", 0));
  EXPECT_TRUE(made->is_us("EDGE.example", 7)) << "by its name on any port";
  EXPECT_TRUE(made->is_us("[2001:db8::1]", 5061));
  EXPECT_FALSE(made->is_us("192.0.2.1", 5061)) << "no listener of ours";
  EXPECT_FALSE(made->is_us("example.org", 0)) << "a domain of the inside's";
}

TEST(AccessSettings, TheNextHopIsReachedFromTheInsideAddress) {
  auto value = model();
  value.inside.address = *ip_address::parse("10.0.0.1");
  value.access->next_hop = {*endpoint::parse("10.0.0.9:5061"), transport::tls, "registrar.example.org"};
  const auto sip = make_sip_settings(value, identity, keys(), 1);
  ASSERT_EQ(sip.next_hops.size(), 1u);
  const auto& made = sip.next_hops.front();
  EXPECT_EQ(made.connection.remote, value.access->next_hop.address);
  EXPECT_EQ(made.connection.local, value.inside.address);
  EXPECT_EQ(made.connection.server_name, "registrar.example.org");
  EXPECT_EQ(made.tls, nullptr) << "the node's to give";
}

} // namespace sallyport::actors
