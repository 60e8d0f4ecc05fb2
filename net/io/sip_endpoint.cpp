#include "net/io/sip_endpoint.hpp"

#include "net/core/fault.hpp"
#include "net/core/overloaded.hpp"
#include "net/core/undo.hpp"

namespace sallyport::io {

sip_endpoint::sip_endpoint(lane& home, const sip_settings& settings, sip_user& user)
  : lane_{home}, settings_{settings}, user_{user}, decider_{settings.user, home.index()},
    flows_{{.node = settings.user.facts.node, .lane = home.index()}}, proved_{settings.flows_per_user_max},
    next_hops_{settings.next_hops.size(), settings.next_hop_queue} {}

sip_endpoint::~sip_endpoint() {
  lane_.cancel(timer_);
}

// Connections.

sip_flow& sip_endpoint::make_flow(side from) {
  const auto id = flows_.next_name();
  const auto& limits = from == side::outside ? settings_.outside : settings_.inside;
  sip_flow_user& user = *this;
  flows_.emplace(std::make_unique<sip_flow>(id, from, limits, counters_, user));
  return *flows_[id.index];
}

void sip_endpoint::adopt(stream_ptr connection, side from, std::span<const std::byte> first_bytes) {
  const auto by_others = flows_.size() - next_hops_.connections(); // Our own have places for them alone.
  const auto reserved = from == side::inside ? settings_.inside_flows_reserved : 0;
  if (by_others >= settings_.flows_max + reserved)
    return connection->abort(close_reason::overload);
  auto& flow = make_flow(from);
  try {
    flow.attach(std::move(connection), first_bytes);
  } catch (...) { // Nobody would hear what it says.
    flow.close(close_reason::internal_error);
    throw;
  }
}

void sip_endpoint::on_flow_open(sip_flow& flow) {
  open_flows(flow.from()).add();
  const auto hop = next_hops_.hop_of(flow.id());
  if (!hop)
    return;
  auto waited = next_hops_.find(*hop)->opened();
  for (auto& message : waited)
    lane_.guarded([&] { send(message); });
}

void sip_endpoint::on_flow_closed(sip_flow& flow, close_reason) {
  const auto id = flow.id();
  if (flow.was_open())
    open_flows(flow.from()).subtract();
  proved_.remove(flow.identity(), id);
  const auto gone = std::move(flows_[id.index]); // Lives to the end of this function: we are called from within it.
  flows_.erase(id.index);
  if (const auto hop = next_hops_.hop_of(id))
    lose_next_hop(*hop); // Before the transactions are told: they may send at once, and must find the link down.
  ask([&](auto& out) { decider_.flow_failed(lane_.now(), id, out); });
}

void sip_endpoint::close_all(close_reason reason) {
  flows_.for_each([reason](std::uint32_t, const auto& flow) { flow->close(reason); });
}

// The next hops.

void sip_endpoint::connect_next_hop(sip::next_hop hop, next_hop_link& link) {
  auto& flow = make_flow(side::inside);
  undo unmade{[&] { flows_.erase(flow.id().index); }};
  const auto& server = settings_.next_hops[hop.index];
  auto request = server.connection;
  if (server.tls)
    request.tls = server.tls->get();
  // The link asks for room before it sends. Past its bound there are keep-alives only; who does not read those either
  // is gone.
  const auto& queue = settings_.next_hop_queue;
  request.streams.write_queue_bytes_max = queue.queue_bytes_max + 2 * queue.reserved_bytes();
  counters_.next_hop_connects.add();
  fault::point("sip_endpoint::connect_next_hop");
  auto connection = connect(lane_, request, flow);
  link.begun(flow.id());
  flow.attach(std::move(connection)); // Not open yet: nothing else happens in here.
  unmade.keep();
}

void sip_endpoint::lose_next_hop(sip::next_hop hop) {
  auto& link = *next_hops_.find(hop);
  if (link.is_connecting())
    counters_.next_hop_failures.add();
  const auto waited = link.lost(lane_.now());
  lane_.guarded([&] {
    for (const auto& message : waited)
      if (!message.by)
        drop("unsendable");
  });
  // The requests that waited are among the transactions that fail.
  ask([&](auto& out) { decider_.next_hop_failed(lane_.now(), hop, out); });
}

sip_endpoint::fate sip_endpoint::send_to_next_hop(sip::next_hop hop, next_hop_link& link, sip::send& message) {
  if (link.may_connect(lane_.now()))
    connect_next_hop(hop, link);
  auto* flow = link.flow() ? flows_.find(*link.flow()) : nullptr;
  if (!flow)
    return fate::no_connection; // It cools down.
  if (!link.has_room(message, (*flow)->unsent_bytes()))
    return fate::no_room; // The connection lives, and takes what it can.
  if (!link.is_connecting())
    return (*flow)->send(*message.bytes) ? fate::sent : fate::no_connection;
  link.wait(std::move(message));
  return fate::sent;
}

// Messages in.

void sip_endpoint::on_message(sip_flow& flow, std::string_view bytes) {
  ask([&](auto& out) {
    fault::point("sip_endpoint::on_message");
    const auto& limits = flow.from() == side::outside ? settings_.outside : settings_.inside;
    const auto error = view_.parse(bytes, limits.messages);
    (view_.is_request() ? counters_.requests : counters_.responses).add();
    if (error)
      decider_.receive_unreadable(flow.arrival(), view_, *error, out);
    else
      decider_.receive(lane_.now(), flow.arrival(), flow.identity(), view_, out);
  });
}

void sip_endpoint::on_broken_stream(sip_flow& flow, sip::parse_error error, std::string_view head) {
  if (head.empty())
    return drop(to_string(error));
  ask([&](auto& out) {
    std::ignore = view_.parse(head, settings_.outside.messages);
    decider_.receive_unreadable(flow.arrival(), view_, error, out);
  });
}

void sip_endpoint::settle(sip::session_outcome&& outcome) {
  ask([&](auto& out) { decider_.settle(lane_.now(), std::move(outcome), out); });
}

void sip_endpoint::lose(sip::session_id session) {
  ask([&](auto& out) { decider_.lose(lane_.now(), session, out); });
}

void sip_endpoint::receive(sip::lane_order&& said) {
  ask([&](auto& out) { decider_.receive(lane_.now(), std::move(said), out); });
}

void sip_endpoint::end_sessions() {
  ask([&](auto& out) { decider_.close(out); });
}

// Orders out.

template <class Ask>
void sip_endpoint::ask(Ask&& decide) {
  if (is_carrying_out_)
    return decide(orders_); // Whoever carries out comes to these too.
  is_carrying_out_ = true;
  lane_.guarded([&] { decide(orders_); }); // What it ordered before it failed stands.
  carry_out_some();
  is_carrying_out_ = false;
  lane_.guarded([&] { rearm(); });
}

/// What one message orders is done at once. What follows when a crowd fails together waits, past that, for the next
/// call, or for the timer.
void sip_endpoint::carry_out_some() {
  for (std::size_t done = 0; next_order_ < orders_.size(); ++done) {
    if (done >= orders_at_once_max && !lane_.has_time())
      return;
    auto order = std::move(orders_[next_order_++]); // What it makes us ask for is added behind.
    lane_.guarded([&] { carry_out(order); });
  }
  orders_.clear();
  next_order_ = 0;
}

void sip_endpoint::carry_out(sip::user_order& order) {
  const overloaded visitor{
    [&](sip::send& message) { send(message); },
    [&](sip::prove_flow& proof) { prove(proof); },
    [&](const sip::vouch_for_flow& vouched) {
      if (auto* flow = flows_.find(vouched.flow))
        (*flow)->restart_proof_time();
    },
    [&](const sip::start_session& begun) { tell(begun.facts.self, [&] { user_.on_start(begun); }); },
    [&](sip::tell_session& told) {
      const auto session = told.session;
      tell(session, [&] { user_.on_event(std::move(told)); });
    },
    [&](const sip::end_session& ended) { user_.on_end(ended); },
    [&](sip::tell_lane& said) {
      if (!user_.on_relay(said.lane, std::move(said.order)))
        decider_.not_told(lane_.now(), std::move(said.order), orders_);
    },
    [&](const sip::request_refused& refused) {
      counters_.refused.add(refused.reason);
      lane_.log().request_refused(lane_.now(), refused.source, refused.status, refused.reason, refused.trace);
    },
    [&](const sip::message_dropped& dropped) { drop(dropped.reason, dropped.trace); },
    [&](const sip::session_lost& lost) { lane_.log().session_lost(lane_.now(), lost.trace); },
  };
  std::visit(visitor, order);
}

void sip_endpoint::prove(sip::prove_flow& proof) {
  auto* found = flows_.find(proof.flow);
  if (!found || !(*found)->is_open())
    return;
  auto& flow = **found;
  const bool is_same_user = flow.identity() == proof.address_of_record;
  if (proof.lifetime == seconds{0}) { // Of what another client of theirs registered, it says nothing.
    if (is_same_user && (proof.binding == 0 || proof.binding == flow.binding()))
      flow.end_proof();
    return;
  }
  if (!is_same_user) {
    proved_.remove(flow.identity(), proof.flow);
    if (const auto oldest = proved_.add(proof.address_of_record, proof.flow))
      (*flows_.find(*oldest))->close(close_reason::superseded);
  }
  flow.prove(std::move(proof.address_of_record), proof.binding, proof.lifetime);
}

void sip_endpoint::on_proof_ended(sip_flow& flow) {
  proved_.remove(flow.identity(), flow.id());
}

/// A session that cannot be begun or told would be waited for for ever.
template <class Call>
void sip_endpoint::tell(sip::session_id session, Call&& call) {
  try {
    call();
  } catch (...) {
    decider_.lose(lane_.now(), session, orders_);
    throw;
  }
}

void sip_endpoint::send(sip::send& message) {
  const auto by = message.by;
  auto became = fate::no_connection;
  try {
    fault::point("sip_endpoint::send");
    became = try_send(message);
  } catch (...) { // Who waits for its answer is told.
    ask([&](auto& out) { decider_.not_sent(lane_.now(), by, sip::client_failure_reason::overload, out); });
    throw;
  }
  if (became == fate::sent)
    return;
  if (became == fate::no_such_hop)
    drop("unknown_next_hop"); // To nobody else instead.
  else if (became == fate::no_room)
    drop("next_hop_queue_full");
  else if (!by)
    drop("unsendable");
  using enum sip::client_failure_reason;
  ask([&](auto& out) { decider_.not_sent(lane_.now(), by, became == fate::no_room ? overload : transport, out); });
}

sip_endpoint::fate sip_endpoint::try_send(sip::send& message) {
  if (const auto* hop = std::get_if<sip::next_hop>(&message.to)) {
    auto* link = next_hops_.find(*hop);
    return link ? send_to_next_hop(*hop, *link, message) : fate::no_such_hop;
  }
  auto* flow = flows_.find(std::get<sip::flow_id>(message.to));
  return flow && (*flow)->send(*message.bytes) ? fate::sent : fate::no_connection;
}

void sip_endpoint::drop(std::string_view reason, sip::trace_id trace) {
  counters_.dropped.add(reason);
  lane_.log().message_dropped(lane_.now(), reason, trace);
}

void sip_endpoint::on_timer(std::uint64_t) {
  timer_ = {};
  timer_at_.reset();
  const auto is_due = [this] { return decider_.next_deadline().value_or(time_point::max()) <= lane_.now(); };
  do
    ask([&](auto& out) { decider_.expire(lane_.now(), out); });
  while (is_due() && lane_.has_time());
}

void sip_endpoint::rearm() {
  const auto& transactions = decider_.transactions();
  counters_.hold(counters_.server_transactions, transactions.server_count());
  counters_.hold(counters_.client_transactions, transactions.client_count());
  counters_.hold(transactions.counts());
  counters_.hold(counters_.sessions, decider_.sessions());
  counters_.hold(decider_.counts());
  const auto deadline = orders_.empty() ? decider_.next_deadline() : lane_.now();
  if (!deadline || (timer_at_ && *timer_at_ <= *deadline))
    return; // An early timer finds nothing due and arms the next one.
  lane_.cancel(timer_);
  timer_at_.reset(); // Should there be none.
  fault::point("sip_endpoint::rearm");
  timer_ = lane_.arm(*deadline, *this);
  timer_at_ = timer_ ? deadline : std::nullopt; // None to be had: the next message asks again.
}

} // namespace sallyport::io
