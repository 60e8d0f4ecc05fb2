#include "actors/access_settings.hpp"

#include <algorithm>

#include "actors/connection_settings.hpp"
#include "actors/per_lane.hpp"
#include "policy/access.hpp"

namespace sallyport::actors {
namespace {

std::string host_text(const ip_address& address) {
  return address.is_v4() ? address.text() : '[' + address.text() + ']';
}

sip::host_port name_of(const endpoint& address) {
  return {host_text(address.address), address.port};
}

sip::message_limits make_message_limits(const config::limits& limits) {
  return {.head_bytes_max = limits.access.message_head_bytes_max,
          .headers_max = limits.access.headers_max,
          .body_bytes_max = limits.access.message_body_bytes_max};
}

sip::timer_values make_timers(const config::limits& limits) {
  sip::timer_values timers;
  timers.c = limits.access.timer_c;
  return timers;
}

io::sip_flow_limits make_flow_limits(const config::limits& limits, side from) {
  io::sip_flow_limits made{.messages = make_message_limits(limits),
                           .message_timeout = limits.connections.message_timeout,
                           .idle_timeout = limits.connections.idle_timeout};
  if (from == side::outside)
    made.messages_per_second = {.per_second = limits.access.message_rate_per_connection.per_second,
                                .burst = limits.access.message_rate_per_connection.per_second};
  else {
    made.idle_timeout = milliseconds{0}; // Our own servers may be silent for as long as they like.
    made.ping_every = seconds{45};       // They may not like it: Kamailio closes after two minutes of silence.
  }
  return made;
}

} // namespace

std::shared_ptr<const sip::edge_identity> make_edge_identity(const config::model& value) {
  const auto& access = *value.access;
  auto identity = std::make_shared<sip::edge_identity>();
  const auto& first = access.outside.listen.front();
  identity->outside = {.advertised = {value.pool.name, first.port}, .sent_by = name_of(first), .over = transport::tls};
  identity->outside.names.push_back({value.pool.name, 0});
  for (const auto& listener : access.outside.listen)
    identity->outside.names.push_back(name_of(listener));
  const auto inside = name_of(access.inside.listen);
  identity->inside = {.advertised = inside, .sent_by = inside, .over = access.inside.transport, .names = {inside}};
  return identity;
}

namespace {

std::shared_ptr<const sip::access_judge> make_judge(const config::model& value) {
  policy::access_rules rules;
  rules.domains.insert(value.domains.begin(), value.domains.end());
  rules.remote_enabled = value.access->remote.enabled;
  return std::make_shared<const policy::access>(std::move(rules));
}

sip::transaction_user_settings make_user_settings(const config::model& value, const cluster::node_identity& identity,
                                                  const pool_keys& keys, std::size_t lanes) {
  const auto transactions = static_cast<std::uint32_t>(per_lane(value.limits.access.transactions_max, lanes) / 2);
  const auto sessions = per_lane(value.limits.access.sessions_max, lanes);
  const auto reserve = value.limits.connections.proved_reserve;
  const auto server_max = std::max(transactions, 1U);
  constexpr std::size_t one_users_sessions_min = 16; // In any case: a phone, its lines and its subscriptions.
  return {
    .facts = {.node = identity.number,
              .incarnation = identity.incarnation,
              .tokens = keys.tokens,
              .loop_key = keys.loops,
              .binding_key = keys.bindings,
              .identity = make_edge_identity(value),
              .timers = make_timers(value.limits),
              .limits = {.dialog_lifetime = std::chrono::duration_cast<seconds>(value.limits.access.dialog_lifetime)}},
    .judge = make_judge(value),
    .traces = keys.traces,
    .lanes = static_cast<std::uint8_t>(lanes),
    .transactions = {.server_max = server_max,
                     .unproved_server_max = static_cast<std::uint32_t>(without_reserve(server_max, reserve)),
                     .server_per_unproved_flow_max = value.limits.access.unproved_transactions_max,
                     .client_max = server_max,
                     .unproved_kept_bytes_max = without_reserve(sip::transaction_limits{}.kept_bytes_max, reserve)},
    .table_hash = make_table_hash(),
    .sessions_max = sessions,
    .unproved_sessions_max = without_reserve(sessions, reserve),
    .sessions_per_unproved_flow_max = value.limits.access.unproved_sessions_max,
    .sessions_per_user_max = std::max(sessions / 4, one_users_sessions_min),
    .events_per_session_max = value.limits.access.events_per_session_max,
    .events_max = value.limits.access.lane_inbox_max / 2};
}

} // namespace

io::sip_settings make_sip_settings(const config::model& value, const cluster::node_identity& identity,
                                   const pool_keys& keys, std::size_t lanes) {
  const auto& next_hop = value.access->next_hop;
  return {.user = make_user_settings(value, identity, keys, lanes),
          .flows_max = per_lane(value.limits.connections.connections_max, lanes),
          .flows_per_user_max = value.limits.access.flows_per_user_max,
          .outside = make_flow_limits(value.limits, side::outside),
          .inside = make_flow_limits(value.limits, side::inside),
          .next_hops = {{.connection = {.remote = next_hop.address,
                                        .local = value.inside.address,
                                        .timeout = value.limits.connections.connect_timeout,
                                        .server_name = next_hop.tls_name,
                                        .streams = make_stream_limits(value.limits)}}},
          .next_hop_queue = {.queue_bytes_max = value.limits.access.next_hop_queue_bytes_max}};
}

} // namespace sallyport::actors
