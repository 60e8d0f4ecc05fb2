#include "net/sip/transaction_layer.hpp"

#include "net/core/batch.hpp"
#include "net/core/undo.hpp"
#include "net/sip/branch.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/local_response.hpp"
#include "net/sip/retry_after.hpp"
#include "net/sip/transaction_key.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {

transaction_layer::transaction_layer(lane_ref home, const timer_values& timers, const transaction_limits& limits,
                                     siphash hash)
  : home_{home}, limits_{limits}, hash_{hash}, servers_{home, timers, hash, counts_}, clients_{timers, hash, counts_} {}

request_verdict transaction_layer::receive_request(time_point now, const arrival& from, const message_view& request,
                                                   actions& out, bool is_wanted) {
  const bool is_ack = request.method() == method::ack;
  // 17.2.3: the ACK of a refusal has the branch of its INVITE.
  if (!write_server_key(key_, from, request, is_ack ? to_string(method::invite) : request.method_name())) {
    ++counts_.requests_unmatchable;
    return request_refusal::unmatchable;
  }
  if (is_ack)
    return receive_ack(now, out);
  if (const auto known = servers_.find(key_)) {
    ++counts_.requests_absorbed;
    servers_.receive_request(*known, out);
    return request_absorbed{};
  }
  if (request.method() == method::cancel)
    return receive_cancel(now, from, request, out);
  return is_wanted ? begin(now, from, request, out) : refuse_for_now(from, request, request_refusal::unwanted, out);
}

request_verdict transaction_layer::receive_ack(time_point now, actions& out) {
  const auto invite = servers_.find(key_);
  // The ACK of a 2xx is a transaction of its own, with a branch of its own (RFC 3261, 13.2.2.4).
  if (!invite || servers_.receive_ack(now, *invite, out))
    return ack_to_2xx{};
  ++counts_.requests_absorbed;
  return request_absorbed{};
}

request_verdict transaction_layer::receive_cancel(time_point now, const arrival& from, const message_view& cancel,
                                                  actions& out) {
  std::string invite_key;
  const bool has_key = write_server_key(invite_key, from, cancel, to_string(method::invite));
  const auto invite = has_key ? servers_.find(invite_key) : std::nullopt;
  const unsigned status = invite ? 200 : 481;
  if (!is_reliable(from.over) && !is_full(from)) {
    const auto at = servers_.add(now, key_, from, false, {});
    servers_.respond(now, at, status, write_local_response(cancel, from, status, "", local_tag(cancel, hash_)), out);
  } else {
    answer(from, cancel, status, out);
  }
  if (!invite) {
    ++counts_.cancels_unmatched;
    return request_refusal::unmatched;
  }
  // 9.2: too late to change anything; or one that came before has changed it. On a stream the CANCEL itself leaves no
  // transaction that would absorb the next.
  if (!servers_.awaits_final(*invite) || !servers_.cancel(*invite))
    return request_absorbed{};
  return cancel_matched{servers_.id(*invite), servers_.session(*invite)};
}

request_verdict transaction_layer::begin(time_point now, const arrival& from, const message_view& request,
                                         actions& out) {
  const auto share = limits_.server_per_unproved_flow_max;
  if (from.is_unproved && servers_.count(from.flow, share) >= share)
    return refuse_for_now(from, request, request_refusal::unproved, out);
  if (is_full(from)) {
    ++counts_.requests_refused;
    return refuse_for_now(from, request, request_refusal::overload, out);
  }
  const bool is_invite = request.method() == method::invite;
  const auto at = servers_.add(now, key_, from, is_invite, write_local_response(request, from, 100, "", ""));
  undo unheard{[&] { servers_.erase(at); }};
  if (is_invite) // 16.2: it stops the retransmissions of a caller whose callee lets it ring.
    servers_.send_last(at, out);
  unheard.keep();
  return new_request{servers_.id(at)};
}

/// Without a transaction.
request_verdict transaction_layer::refuse_for_now(const arrival& from, const message_view& request, request_refusal why,
                                                  actions& out) const {
  const auto wait = spread_wait(limits_.retry_after, hash_(key_));
  const header_text extra[] = {{to_string(header_id::retry_after), wait}};
  answer(from, request, 503, out, extra);
  return why;
}

void transaction_layer::answer(const arrival& from, const message_view& request, unsigned status, actions& out,
                               std::span<const header_text> extra) const {
  auto bytes = write_local_response(request, from, status, "", local_tag(request, hash_), extra);
  out.emplace_back(send{
    .to = from.flow, .source = from.source, .by = {}, .bytes = std::make_shared<const std::string>(std::move(bytes))});
}

/// The places and bytes that are left when strangers have theirs are for who has proved himself.
bool transaction_layer::is_full(const arrival& from) const noexcept {
  if (from.is_unproved)
    return servers_.size() >= limits_.unproved_server_max || kept_bytes() >= limits_.unproved_kept_bytes_max;
  return servers_.size() >= limits_.server_max || kept_bytes() >= limits_.kept_bytes_max;
}

bool transaction_layer::assign(transaction_id transaction, session_id session) {
  const auto at = servers_.find(transaction);
  return at && servers_.assign(*at, session);
}

void transaction_layer::respond(time_point now, transaction_id transaction, unsigned status, std::string bytes,
                                actions& out) {
  if (const auto at = servers_.find(transaction))
    servers_.respond(now, *at, status, std::move(bytes), out);
  else
    ++counts_.responses_late;
}

void transaction_layer::give_up(time_point now, transaction_id transaction, actions& out) {
  if (const auto at = servers_.find(transaction))
    servers_.give_up(now, *at, out);
}

void transaction_layer::request(time_point now, client_request request, actions& out) {
  const bool is_taken = clients_.find(request.client) || clients_.find(request.branch, request.kind);
  if (is_taken || clients_.size() >= limits_.client_max || kept_bytes() >= limits_.kept_bytes_max) {
    ++counts_.clients_refused;
    out.emplace_back(client_failure{request.client, client_failure_reason::overload});
    return;
  }
  clients_.add(now, std::move(request), out);
}

response_verdict transaction_layer::receive_response(time_point now, const arrival& from, const message_view& response,
                                                     actions& out) {
  const auto top = first_value(response, header_id::via);
  const auto parsed_via = top ? parse_via(*top) : result<via, parse_error>{fail(parse_error::bad_via)};
  const auto name = parsed_via ? parse_branch(parsed_via->branch) : std::nullopt;
  const auto sequence = parse_cseq(response.value(header_id::cseq));
  const auto at = name && sequence ? clients_.find(parsed_via->branch, sequence->method) : std::nullopt;
  // A request that left by the flow of another lane has its transaction there, so what is ours is looked for first. A
  // client answers where it was asked, and that is this lane or none.
  const bool is_from_inside = from.from == side::inside;
  if (!at && is_from_inside && name && (name->session.node != home_.node || name->session.lane != home_.lane))
    return response_elsewhere{name->session};
  // Servers of ours may answer on any connection (RFC 3261, 18.2.2).
  const auto may_answer = [&](const destination& asked) {
    return is_from_inside ? side_of(asked) == side::inside : asked == destination{from.flow};
  };
  if (!at || !may_answer(clients_.to(*at))) {
    ++counts_.responses_stray;
    return response_stray{};
  }
  const auto client = clients_.client(*at);
  if (clients_.receive_response(now, *at, response, out))
    return response_delivered{client, response.status() >= 200};
  ++counts_.responses_absorbed;
  return response_absorbed{};
}

void transaction_layer::cancel(time_point now, const client_key& client, actions& out) {
  if (const auto at = clients_.find(client))
    clients_.cancel(now, *at, out);
}

void transaction_layer::flow_failed(time_point, flow_id flow, actions& out) {
  batch each;
  each.run([&] { clients_.fail_all(flow, out); });
  each.run([&] { servers_.flow_failed(flow, out); });
  each.finish();
}

void transaction_layer::next_hop_failed(time_point, next_hop hop, actions& out) {
  clients_.fail_all(hop, out);
}

void transaction_layer::client_failed(time_point, const client_key& client, client_failure_reason why, actions& out) {
  if (const auto at = clients_.find(client))
    clients_.fail(*at, why, out);
}

void transaction_layer::session_lost(time_point now, session_id session, actions& out) {
  batch each;
  each.run([&] { clients_.session_lost(now, session, out); });
  each.run([&] { servers_.session_lost(now, session, out); });
  each.finish();
}

void transaction_layer::expire(time_point now, actions& out) {
  batch each;
  each.run([&] { servers_.expire(now, out); });
  each.run([&] { clients_.expire(now, out); });
  each.finish();
}

std::optional<time_point> transaction_layer::next_deadline() const {
  const auto server = servers_.next_deadline();
  const auto client = clients_.next_deadline();
  return server && client ? std::min(*server, *client) : server ? server : client;
}

std::size_t transaction_layer::server_count() const noexcept {
  return servers_.size();
}

std::size_t transaction_layer::client_count() const noexcept {
  return clients_.size();
}

std::size_t transaction_layer::kept_bytes() const noexcept {
  return servers_.kept_bytes() + clients_.kept_bytes();
}

} // namespace sallyport::sip
