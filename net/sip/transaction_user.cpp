#include "net/sip/transaction_user.hpp"

#include <string>
#include <utility>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/overloaded.hpp"
#include "net/sip/address_of_record.hpp"
#include "net/sip/local_response.hpp"

namespace sallyport::sip {

template <class Call>
auto transaction_user::ask_layer(user_orders& out, Call&& call) {
  try {
    auto verdict = call();
    drain(out);
    return verdict;
  } catch (...) {
    drain(out);
    throw;
  }
}

transaction_user::transaction_user(const transaction_user_settings& settings, std::uint8_t lane)
  : settings_{settings}, home_{.node = settings.facts.node, .lane = lane},
    layer_{home_, settings.facts.timers, settings.transactions, settings.table_hash}, sessions_{home_} {}

void transaction_user::receive(time_point now, const arrival& from, std::string_view proved,
                               const message_view& message, user_orders& out) {
  if (message.is_request())
    receive_request(now, from, proved, message, out);
  else
    receive_response(now, from, message, out);
}

/// RFC 3261, 16.3 step 1: what cannot be read gets a 400 as far as there is somebody to answer.
void transaction_user::receive_unreadable(const arrival& from, const message_view& message, parse_error error,
                                          user_orders& out) {
  const auto trace = trace_of(message, settings_.traces);
  if (!message.is_request() || message.count(header_id::via) == 0) {
    out.emplace_back(message_dropped{to_string(error), trace});
    return;
  }
  refuse(from, message, refuse_unparsed(error).status, to_string(error), trace, out);
}

// Requests.

void transaction_user::receive_request(time_point now, const arrival& from, std::string_view proved,
                                       const message_view& request, user_orders& out) {
  const auto trace = trace_of(request, settings_.traces);
  const auto& facts = settings_.facts;
  auto read = read_request(
    request, {.identity = facts.identity.get(), .tokens = facts.tokens.get(), .loop_key = facts.loop_key.get()});
  if (!read) {
    const auto& why = read.error();
    const header_text extra{why.header_name, why.header_value};
    return refuse(from, request, why.status, why.reason, trace, out,
                  std::span{&extra, why.header_name.empty() ? 0U : 1U});
  }
  read->trace = trace;
  // Who has his share can still register, and end what he has.
  if (!proved.empty() && request.method() != method::register_ && !read->is_in_dialog())
    read->user = settings_.table_hash(proved);
  // Hop by hop first: they belong to what passed policy before, or to nothing.
  if (request.method() == method::ack || request.method() == method::cancel)
    return receive_ack_or_cancel(now, from, request, *read, out);

  const auto& [sender, target] = std::tie(read->from, read->to);
  const bool is_registration = request.method() == method::register_;
  const bool names_user =
    is_registration && address_of_record(target.user.in(request), target.host.in(request)).has_value();
  const auto answer = settings_.judge->judge({
    .from = from.from,
    .method = request.method(),
    .token = state_of(read->routes),
    .is_to_us = read->routes.is_addressed_to_us,
    .is_in_dialog = read->is_in_dialog(),
    .has_foreign_route = read->routes.has_foreign_next,
    .is_flow_proved = !proved.empty(),
    .is_from_flow_owner = is_address_of_record(sender.user.in(request), sender.host.in(request), proved),
    .to_domain = names_user ? target.host.in(request) : std::string_view{},
    .request_domain = read->target_host.in(request),
  });
  if (answer.goes == access_answer::way::answered)
    return refuse(from, request, answer.status, answer.reason, trace, out);
  admit(now, from, request, *read, answer.goes == access_answer::way::inward, out);
}

token_state transaction_user::state_of(const route_facts& routes) const noexcept {
  using enum token_state;
  if (!routes.token)
    return none;
  const auto* token = routes.valid_token();
  if (token == nullptr)
    return invalid;
  const bool is_former = token->flow.is_former(home_.node, settings_.facts.incarnation);
  if (token->type == route_token::kind::path)
    return is_former ? former_path : path;
  return is_former ? former_dialog : dialog;
}

void transaction_user::receive_ack_or_cancel(time_point now, const arrival& from, const message_view& request,
                                             const request_facts& read, user_orders& out) {
  const auto verdict = ask_layer(out, [&] { return layer_.receive_request(now, from, request, actions_); });
  if (std::holds_alternative<ack_to_2xx>(verdict))
    return forward_ack(now, from, request, read, out);
  // Without a session yet the transaction remembers it, and says so when the session is assigned.
  if (const auto* cancel = std::get_if<cancel_matched>(&verdict); cancel && cancel->session)
    deliver(cancel->session, cancel_received{cancel->transaction}, out);
}

void transaction_user::admit(time_point now, const arrival& from, const message_view& request,
                             const request_facts& read, bool is_inward, user_orders& out) {
  const auto counted = without_budgets_in_dialog(from, read);
  if (from.is_unproved && is_of_live_dialog(read))
    out.emplace_back(vouch_for_flow{from.flow});
  // Who has his share of sessions has no transactions for more: each would wait for the ACK of its refusal, and all of
  // them take everybody's places.
  const auto no_share = read.user != 0 ? share_taken(counted, read.user) : std::string_view{};
  const auto verdict =
    ask_layer(out, [&] { return layer_.receive_request(now, counted, request, actions_, no_share.empty()); });
  if (const auto* refused = std::get_if<request_refusal>(&verdict)) {
    if (*refused == request_refusal::unproved)
      out.emplace_back(request_refused{from.source, 503, "unproved_transactions_max", read.trace});
    else if (*refused == request_refusal::unwanted) {
      ++counts_.requests_shed;
      out.emplace_back(request_refused{from.source, 503, no_share, read.trace});
    }
  }
  const auto* opened = std::get_if<new_request>(&verdict);
  if (opened == nullptr)
    return; // A retransmission, or refused there.
  const auto to = is_inward ? destination{next_hop{}} : destination{read.routes.valid_token()->flow.id};
  try {
    fault::point("transaction_user::admit");
    place(now, session_wanted{request_received{opened->transaction, counted, message{request}, to, read}}, out);
  } catch (...) { // Nobody works for it.
    layer_.give_up(now, opened->transaction, actions_);
    drain(out);
    throw;
  }
}

/// Who takes part in a dialog is no stranger, though nobody knows as whom he came this time: it lifts the budgets of
/// this request, and lends him no From. Of dialogs of other lanes, and of a former life of this node, this lane does
/// not know whether they live.
arrival transaction_user::without_budgets_in_dialog(const arrival& from, const request_facts& read) noexcept {
  const auto state = state_of(read.routes);
  auto counted = from;
  if (state == token_state::former_dialog || (state == token_state::dialog && named_by(read.routes.valid_token())))
    counted.is_unproved = false;
  return counted;
}

/// As far as this lane knows: its own.
bool transaction_user::is_of_live_dialog(const request_facts& read) noexcept {
  return state_of(read.routes) == token_state::dialog && sessions_.find(named_by(read.routes.valid_token())) != nullptr;
}

/// RFC 3261, 16.11: goes the way of its dialog, without a transaction; one without a dialog of ours goes nowhere.
void transaction_user::forward_ack(time_point now, const arrival& from, const message_view& request,
                                   const request_facts& read, user_orders& out) {
  const auto state = read.is_in_dialog() ? state_of(read.routes) : token_state::none;
  const bool is_inward = from.from == side::outside;
  if (state != token_state::dialog && !(is_inward && state == token_state::former_dialog)) {
    out.emplace_back(message_dropped{"ack_without_dialog", read.trace});
    return;
  }
  const auto to = is_inward ? destination{next_hop{}} : destination{read.routes.valid_token()->flow.id};
  place(now, session_wanted{ack_received{without_budgets_in_dialog(from, read), message{request}, to, read}}, out);
}

/// Answers without a transaction.
void transaction_user::refuse(const arrival& from, const message_view& request, unsigned status,
                              std::string_view reason, trace_id trace, user_orders& out,
                              std::span<const header_text> extra) const {
  if (request.method() == method::ack) { // RFC 3261, 17: an ACK is never answered.
    out.emplace_back(message_dropped{reason, trace});
    return;
  }
  out.emplace_back(request_refused{from.source, status, reason, trace});
  auto answer = write_local_response(request, from, status, {}, local_tag(request, settings_.table_hash), extra);
  out.emplace_back(
    send{.to = from.flow, .source = {}, .by = {}, .bytes = std::make_shared<const std::string>(std::move(answer))});
}

// Responses, and what the transactions say.

void transaction_user::receive_response(time_point now, const arrival& from, const message_view& response,
                                        user_orders& out) {
  const auto drop = [&](std::string_view reason) {
    out.emplace_back(message_dropped{reason, trace_of(response, settings_.traces)});
  };
  if (const auto fault = validate_response(response, *settings_.facts.identity))
    return drop(to_string(*fault));
  const auto verdict = ask_layer(out, [&] { return layer_.receive_response(now, from, response, actions_); });
  if (const auto* delivered = std::get_if<response_delivered>(&verdict)) {
    const auto& [session, number] = delivered->client;
    if (sessions_.find(session) == nullptr && !is_known_elsewhere(session))
      return drop("response_without_session");
    deliver(session, response_received{number, from, message{response}}, out);
  } else if (const auto* elsewhere = std::get_if<response_elsewhere>(&verdict)) {
    if (!is_known_elsewhere(elsewhere->session))
      return drop("stray_response");
    tell(elsewhere->session.lane, relayed_response{from, message{response}}, out);
  } else if (std::holds_alternative<response_stray>(verdict)) {
    drop("stray_response");
  }
}

void transaction_user::drain(user_orders& out) {
  const overloaded visitor{
    [&](send& message) { out.emplace_back(std::move(message)); },
    [&](const client_failure& failure) {
      deliver(failure.client.session, client_failed{failure.client.number, failure.reason}, out);
    },
    [&](const server_ended& ended) {
      // A client that is gone while its request is pending, or had its answer here: as if it had cancelled (nobody is
      // left to answer).
      using enum server_end_reason;
      if (ended.session && (ended.reason == transport || ended.reason == forgotten))
        deliver(ended.session, cancel_received{ended.transaction}, out);
    },
  };
  batch each;
  for (auto& said : actions_)
    each.run([&] {
      fault::point("transaction_user::drain");
      std::visit(visitor, said);
    });
  actions_.clear();
  each.finish();
}

void transaction_user::flow_failed(time_point now, flow_id flow, user_orders& out) {
  batch each;
  each.run([&] { abandon(now, flow, out); });
  each.run([&] { layer_.flow_failed(now, flow, actions_); });
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::next_hop_failed(time_point now, next_hop hop, user_orders& out) {
  batch each;
  each.run([&] { layer_.next_hop_failed(now, hop, actions_); });
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::not_sent(time_point now, const client_key& client, client_failure_reason why, user_orders& out) {
  batch each;
  each.run([&] { layer_.client_failed(now, client, why, actions_); });
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::expire(time_point now, user_orders& out) {
  batch each;
  each.run([&] { layer_.expire(now, actions_); });
  each.run([&] { drain(out); });
  for (std::size_t i = 0; i < expired_at_once_max; ++i) {
    const auto due = deadlines_.pop_due(now);
    if (!due)
      break;
    each.run([&] { wake(now, sessions_.name(*due), out); });
  }
  each.finish();
}

std::optional<time_point> transaction_user::next_deadline() const {
  const auto of_transactions = layer_.next_deadline();
  const auto of_sessions = deadlines_.next();
  return of_transactions && of_sessions ? std::min(*of_transactions, *of_sessions)
         : of_transactions              ? of_transactions
                                        : of_sessions;
}

} // namespace sallyport::sip
