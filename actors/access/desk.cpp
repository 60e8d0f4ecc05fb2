#include "actors/access/desk.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <stdexcept>
#include <string>
#include <utility>

#include "actors/access/session_actor.hpp"
#include "actors/session_supervisor.hpp"
#include "net/sip/address_of_record.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/local_response.hpp"

namespace sallyport::actors {
namespace {

bool is_in_dialog(const sip::message_view& request) {
  const auto to = sip::parse_name_addr(request.value(sip::header_id::to));
  return to && !to->tag.empty();
}

/// What a dialog actor is for. A request in the middle of a dialog whose session is gone is an exchange: no later one
/// would find a session opened by it, since its token names the one that is gone.
bool opens_dialog(const sip::message_view& request) {
  const bool is_kind = request.method() == sip::method::invite || request.method() == sip::method::subscribe;
  return is_kind && !is_in_dialog(request);
}

policy::token_state state_of(const sip::route_facts& routes, const sip::session_facts& here) {
  using enum policy::token_state;
  if (!routes.token)
    return none;
  const auto* token = routes.valid_token();
  if (!token)
    return invalid;
  const bool is_former = token->flow.is_former(here.node, here.incarnation);
  if (token->type == sip::route_token::kind::path)
    return is_former ? former_path : path;
  return is_former ? former_dialog : dialog;
}

} // namespace

desk::desk(caf::actor_system& system, io::lane& home, const desk_settings& settings,
           std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes)
  : system_{system}, lane_{home}, settings_{settings}, inboxes_{inboxes}, sessions_{settings.facts.node, home.index(),
                                                                                    settings.sessions_max} {}

desk::~desk() {
  if (endpoint_)
    lane_.forget(inboxes_[lane_.index()]->wake_fd());
}

void desk::serve(io::sip_endpoint& endpoint) {
  endpoint_ = &endpoint;
  if (!lane_.watch(inboxes_[lane_.index()]->wake_fd(), io::ready_to_read, *this))
    throw std::runtime_error{"cannot watch an inbox"};
}

// Requests.

void desk::on_request(const sip::arrival& from, const sip::message_view& request) {
  // Hop by hop first: they belong to what passed policy before, or to nothing.
  if (request.method() != sip::method::ack && request.method() != sip::method::cancel)
    return judge(from, request);
  const auto verdict = endpoint_->open_transaction(from, request);
  if (std::holds_alternative<sip::ack_to_2xx>(verdict))
    return forward_ack(from, request, read_routes(request));
  if (const auto* cancel = std::get_if<sip::cancel_matched>(&verdict); cancel && cancel->session)
    deliver(cancel->session, sip::cancel_received{cancel->transaction});
}

sip::route_facts desk::read_routes(const sip::message_view& request) const {
  const auto& facts = settings_.facts;
  return sip::preprocess_routes(request, *facts.identity, *facts.tokens);
}

void desk::judge(const sip::arrival& from, const sip::message_view& request) {
  auto routes = read_routes(request);
  const auto* flow = endpoint_->find_flow(from.flow);
  const auto from_aor = sip::address_of_record(request.value(sip::header_id::from)).value_or("");
  const auto to_aor = sip::address_of_record(request.value(sip::header_id::to)).value_or("");
  const auto request_domain = sip::domain_of(routes.is_strict ? routes.request_uri : request.request_uri());
  const auto verdict = policy::judge_access(
    *settings_.rules, {
                        .from = from.from,
                        .method = request.method(),
                        .token = state_of(routes, settings_.facts),
                        .is_to_us = routes.is_addressed_to_us,
                        .is_in_dialog = is_in_dialog(request),
                        .has_foreign_route = routes.has_foreign_next,
                        .flow_identity = flow ? std::string_view{flow->identity()} : std::string_view{},
                        .from_aor = from_aor,
                        .to_domain = std::string_view{to_aor}.substr(to_aor.find('@') + 1),
                        .request_domain = request_domain,
                      });
  if (const auto status = policy::status_of(verdict))
    return endpoint_->refuse(from, request, status, to_string(verdict));
  admit(from, request, std::move(routes), verdict);
}

void desk::admit(const sip::arrival& from, const sip::message_view& request, sip::route_facts&& routes,
                 policy::access_verdict verdict) {
  const auto opened = endpoint_->open_transaction(from, request);
  const auto* transaction = std::get_if<sip::new_request>(&opened);
  if (!transaction)
    return; // A retransmission, or refused there.

  const auto* token = routes.valid_token();
  const auto id = session_for(token, opens_dialog(request));
  if (!id)
    return overload(from, request, transaction->transaction);
  endpoint_->assign(transaction->transaction, id);
  const auto to =
    verdict == policy::access_verdict::to_flow ? sip::destination{token->flow.id} : sip::destination{sip::next_hop{}};
  if (!deliver(id, sip::request_received{transaction->transaction, from, sip::message{request}, to, std::move(routes)}))
    overload(from, request, transaction->transaction);
}

/// RFC 3261, 16.11: goes the way of its dialog, without a transaction; one without a dialog of ours goes nowhere.
void desk::forward_ack(const sip::arrival& from, const sip::message_view& request, sip::route_facts&& routes) {
  const auto state = is_in_dialog(request) ? state_of(routes, settings_.facts) : policy::token_state::none;
  const bool is_inward = from.from == side::outside;
  if (state != policy::token_state::dialog && !(is_inward && state == policy::token_state::former_dialog))
    return endpoint_->drop("ack_without_dialog");
  const auto* token = routes.valid_token();
  const auto to = is_inward ? sip::destination{sip::next_hop{}} : sip::destination{token->flow.id};
  if (const auto id = session_for(token, false))
    deliver(id, sip::ack_received{from, sip::message{request}, to, std::move(routes)});
}

void desk::overload(const sip::arrival& from, const sip::message_view& request, sip::transaction_id transaction) {
  counters_.requests_shed.add();
  const auto wait = std::to_string(settings_.retry_after.count());
  const sip::header_text retry{"Retry-After", wait};
  sip::order answer = sip::send_response{
    transaction, 503, sip::write_local_response(request, from, 503, {}, "shed", std::span{&retry, 1})};
  if (transaction.lane == lane_.index())
    return carry_out_here({}, std::move(answer));
  relay(transaction.lane, relayed_order{{}, std::move(answer)});
}

// Sessions.

/// The session that a token names; a new one for a request that begins something, or whose session is gone so that its
/// token has to do. Empty: there is no room.
sip::session_id desk::session_for(const sip::route_token* token, bool is_dialog) {
  const auto& facts = settings_.facts;
  // In another life of this node the same name was another session's.
  const bool has_name = token && !token->session.is_former(facts.node, facts.incarnation);
  const auto named = has_name ? token->session.id : sip::session_id{};
  if (sessions_.find(named) || is_known_elsewhere(named))
    return named;
  const auto* made = is_behind() ? nullptr : spawn(is_dialog);
  return made ? made->id : sip::session_id{};
}

bool desk::is_known_elsewhere(const sip::session_id& id) const noexcept {
  return id && !sessions_.is_ours(id) && id.node == settings_.facts.node && id.lane < inboxes_.size();
}

desk::open_session* desk::spawn(bool is_dialog) {
  const auto id = sessions_.reserve();
  if (!id)
    return nullptr;
  auto facts = settings_.facts;
  facts.self = id;
  auto* inbox = inboxes_[lane_.index()].get();
  auto actor = is_dialog ? system_.spawn(dialog_actor, inbox, std::move(facts))
                         : system_.spawn(exchange_actor, inbox, std::move(facts));
  (is_dialog ? counters_.dialogs_started : counters_.exchanges_started).add();
  actor->attach_functor([inbox, id](const caf::error&) { inbox->push_always(session_gone{id}); });
  caf::anon_send(caf::actor_cast<caf::actor>(system_.registry().get(caf::atom("access"))), adopt_atom::value, actor);

  auto made = std::make_unique<open_session>();
  made->id = id;
  made->actor = std::move(actor);
  sessions_.put(id, std::move(made));
  counters_.sessions.add();
  return sessions_.find(id);
}

bool desk::deliver(const sip::session_id& id, sip::session_event&& event) {
  if (auto* here = sessions_.find(id))
    return deliver(*here, std::move(event));
  if (!is_known_elsewhere(id))
    return false;
  return relay(id.lane, relayed_event{id, std::move(event)});
}

bool desk::deliver(open_session& to, sip::session_event&& event) {
  if ((to.in_flight >= settings_.events_per_session_max || is_behind()) && is_expendable(event)) {
    counters_.events_shed.add();
    return false;
  }
  if (const auto answered = answered_request(event)) // Nothing is left to cancel.
    to.elsewhere.erase(*answered);
  ++to.in_flight;
  counters_.in_flight.add();
  caf::anon_send(to.actor, session_delivery{lane_.now(), random_.next(), std::move(event)});
  return true;
}

void desk::end(open_session& ended) {
  lane_.cancel(ended.timer);
  counters_.in_flight.subtract(ended.in_flight); // Nobody will answer them any more.
  caf::anon_send_exit(ended.actor, caf::exit_reason::user_shutdown);
  std::ignore = sessions_.take(ended.id);
  counters_.sessions.subtract();
}

void desk::close() {
  sessions_.each([this](open_session& open) { end(open); });
}

void desk::on_timer(std::uint64_t cookie) {
  auto id = sessions_.home();
  id.index = static_cast<std::uint32_t>(cookie);
  id.generation = static_cast<std::uint32_t>(cookie >> 32);
  if (auto* owner = sessions_.find(id)) {
    owner->timer = {};
    deliver(*owner, sip::deadline_passed{});
  }
}

// Responses and failures.

void desk::on_response(const sip::client_key& client, const sip::arrival& from, const sip::message_view& response) {
  if (!sessions_.find(client.session) && !is_known_elsewhere(client.session))
    return endpoint_->drop("response_without_session");
  deliver(client.session, sip::response_received{client.number, from, sip::message{response}});
}

void desk::on_response_elsewhere(sip::session_id session, const sip::arrival& from, const sip::message_view& response) {
  if (!is_known_elsewhere(session))
    return endpoint_->drop("stray_response");
  relay(session.lane, relayed_response{from, sip::message{response}});
}

void desk::on_client_failure(const sip::client_failure& failure) {
  deliver(failure.client.session, sip::client_failed{failure.client.number, failure.reason});
}

void desk::on_server_ended(const sip::server_ended& ended) {
  // A client that is gone while its request is pending: as if it had cancelled (nobody is left to answer).
  if (ended.session && ended.reason == sip::server_end_reason::transport)
    deliver(ended.session, sip::cancel_received{ended.transaction});
}

// What comes through the inbox.

void desk::on_ready(std::uint32_t) {
  inboxes_[lane_.index()]->take(taken_);
  for (auto& waiting : taken_)
    std::visit([this](auto& order) { take(order); }, waiting);
}

void desk::take(session_outcome& outcome) {
  auto* owner = sessions_.find(outcome.session);
  if (!owner)
    return; // Its actor died meanwhile, and its lane has answered for it.
  for (auto& order : outcome.answer.orders)
    carry_out(*owner, std::move(order));
  --owner->in_flight;
  counters_.in_flight.subtract();
  lane_.cancel(std::exchange(owner->timer, {}));
  if (outcome.has_ended) {
    if (owner->in_flight == 0) // Else what is on its way is answered first, and may bring it back to life.
      end(*owner);
    return;
  }
  if (outcome.next_deadline)
    owner->timer =
      lane_.arm(*outcome.next_deadline, *this, std::uint64_t{owner->id.generation} << 32 | owner->id.index);
}

void desk::take(session_gone& gone) {
  if (sessions_.is_ours(gone.session)) {
    auto* lost = sessions_.find(gone.session);
    if (!lost)
      return; // It ended in order.
    counters_.sessions_lost.add();
    end(*lost);
    for (std::size_t lane = 0; lane < inboxes_.size(); ++lane) // Its requests came in and left by any lane's flow.
      if (lane != lane_.index())
        relay(static_cast<std::uint8_t>(lane), gone);
  }
  endpoint_->session_lost(gone.session);
}

void desk::take(relayed_event& relayed) {
  auto* request = std::get_if<sip::request_received>(&relayed.event);
  const bool is_gone = !sessions_.find(relayed.session);
  if (is_gone && request) { // Its lane, which has its transaction, finds it another session.
    relay(request->server.lane, returned_request{std::move(*request)});
    return;
  }
  if (is_gone && std::holds_alternative<sip::ack_received>(relayed.event))
    relayed.session = session_for(nullptr, false);
  if (!deliver(relayed.session, std::move(relayed.event)) && request)
    overload(request->from, *request->request, request->server);
}

void desk::take(returned_request& returned) {
  auto& request = returned.request;
  const auto id = session_for(nullptr, opens_dialog(*request.request));
  if (!id)
    return overload(request.from, *request.request, request.server);
  endpoint_->assign(request.server, id);
  deliver(id, std::move(request)); // A new session has all its credit.
}

void desk::take(relayed_order& relayed) {
  carry_out_here(relayed.session, std::move(relayed.order));
}

void desk::take(relayed_response& relayed) {
  endpoint_->receive_response(relayed.from, *relayed.response);
}

// Orders.

std::uint8_t desk::lane_for(open_session& owner, const sip::order& order) const {
  const auto own = lane_.index();
  const auto lane_of = [own](const sip::destination& to) {
    const auto* flow = std::get_if<sip::flow_id>(&to);
    return flow ? flow->lane : own; // Every lane has a connection of its own to the next hop.
  };
  if (const auto* request = std::get_if<sip::send_request>(&order))
    return lane_of(request->to);
  if (const auto* stateless = std::get_if<sip::send_stateless>(&order))
    return lane_of(stateless->to);
  if (const auto* response = std::get_if<sip::send_response>(&order))
    return response->server.lane;
  if (const auto* proof = std::get_if<sip::prove_flow>(&order))
    return proof->flow.lane;
  const auto sent = owner.elsewhere.find(std::get<sip::cancel_request>(order).number);
  return sent == owner.elsewhere.end() ? own : sent->second;
}

void desk::carry_out(open_session& owner, sip::order&& order) {
  const auto lane = lane_for(owner, order);
  if (lane == lane_.index())
    return carry_out_here(owner.id, std::move(order));
  const auto* request = std::get_if<sip::send_request>(&order);
  const auto number = request ? std::optional{request->number} : std::nullopt;
  if (request && request->kind == sip::method::invite)
    owner.elsewhere.emplace(*number, lane);
  if (!relay(lane, relayed_order{owner.id, std::move(order)}) && number)
    deliver(owner, sip::client_failed{*number, sip::client_failure_reason::overload});
}

void desk::carry_out_here(const sip::session_id& id, sip::order&& order) {
  if (auto* request = std::get_if<sip::send_request>(&order))
    endpoint_->request({.client = {id, request->number},
                        .to = request->to,
                        .toward = request->toward,
                        .over = settings_.facts.identity->of(request->toward).over,
                        .branch = std::move(request->branch),
                        .kind = request->kind,
                        .bytes = std::move(request->bytes)});
  else if (auto* stateless = std::get_if<sip::send_stateless>(&order))
    endpoint_->send_stateless(stateless->to, std::move(stateless->bytes));
  else if (auto* response = std::get_if<sip::send_response>(&order))
    endpoint_->respond(response->server, response->status, std::move(response->bytes));
  else if (const auto* cancel = std::get_if<sip::cancel_request>(&order))
    endpoint_->cancel({id, cancel->number});
  else if (auto* proof = std::get_if<sip::prove_flow>(&order))
    endpoint_->prove(proof->flow, std::move(proof->address_of_record), proof->binding);
}

bool desk::relay(std::uint8_t lane, desk_order&& order) {
  if (lane >= inboxes_.size()) {
    endpoint_->drop("foreign_lane");
    return false;
  }
  if (!is_expendable(order)) {
    inboxes_[lane]->push_always(std::move(order));
  } else if (!inboxes_[lane]->try_push(std::move(order))) {
    endpoint_->drop("inbox_full");
    return false;
  }
  counters_.relayed.add();
  return true;
}

} // namespace sallyport::actors
