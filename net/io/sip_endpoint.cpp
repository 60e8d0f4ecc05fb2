#include "net/io/sip_endpoint.hpp"

#include "net/sip/local_response.hpp"

namespace sallyport::io {

sip_endpoint::sip_endpoint(lane& home, const sip_settings& settings, sip_user& user)
  : lane_{home}, settings_{settings}, user_{user}, layer_{{.node = settings.node, .lane = home.index()},
                                                          settings.timers,
                                                          settings.transactions,
                                                          settings.table_hash},
    flows_{settings.node, home.index(),
           settings.flows_max + settings.inside_flows_reserved + settings.next_hops.size()},
    next_hops_{settings.next_hops.size(), settings.next_hop_queue} {}

sip_endpoint::~sip_endpoint() {
  lane_.cancel(timer_);
}

// Connections.

sip_flow* sip_endpoint::make_flow(side from) {
  const auto id = flows_.reserve();
  if (!id)
    return nullptr;
  const auto& limits = from == side::outside ? settings_.outside : settings_.inside;
  sip_flow_user& user = *this;
  flows_.put(id, std::make_unique<sip_flow>(id, from, limits, counters_, user));
  return flows_.find(id);
}

void sip_endpoint::adopt(stream_ptr connection, side from, std::span<const std::byte> first_bytes) {
  const auto by_others = flows_.size() - next_hops_.connections(); // The next hops' places are not theirs to take.
  const auto reserved = from == side::inside ? settings_.inside_flows_reserved : 0;
  auto* flow = by_others < settings_.flows_max + reserved ? make_flow(from) : nullptr;
  if (!flow)
    return connection->abort(close_reason::overload);
  flow->attach(std::move(connection), first_bytes);
}

void sip_endpoint::on_flow_open(sip_flow& flow) {
  open_flows(flow.from()).add();
  const auto hop = next_hops_.hop_of(flow.id());
  if (!hop)
    return;
  for (auto& message : next_hops_.find(*hop)->opened())
    carry_out(message);
}

void sip_endpoint::on_flow_closed(sip_flow& flow, close_reason) {
  const auto id = flow.id();
  if (flow.was_open())
    open_flows(flow.from()).subtract();
  const auto gone = flows_.take(id); // Lives to the end of this function: we are called from within it.
  if (const auto hop = next_hops_.hop_of(id))
    lose_next_hop(*hop); // First: a link that is not down has a flow.
  sip::actions out;
  layer_.flow_failed(lane_.now(), id, out);
  carry_out(std::move(out));
}

void sip_endpoint::close_all(close_reason reason) {
  flows_.each([reason](sip_flow& flow) { flow.close(reason); });
}

void sip_endpoint::prove(sip::flow_id flow, std::string address_of_record, sip::binding_id binding) {
  if (auto* found = flows_.find(flow); found && found->is_open())
    found->prove(std::move(address_of_record), binding);
}

// The next hops.

void sip_endpoint::connect_next_hop(sip::next_hop hop, next_hop_link& link) {
  auto* flow = make_flow(side::inside);
  if (!flow)
    return;
  const auto& server = settings_.next_hops[hop.index];
  auto request = server.connection;
  if (server.tls)
    request.tls = server.tls->get();
  counters_.next_hop_connects.add();
  link.begun(flow->id());
  flow->attach(connect(lane_, request, *flow));
}

void sip_endpoint::lose_next_hop(sip::next_hop hop) {
  auto& link = *next_hops_.find(hop);
  if (link.is_connecting())
    counters_.next_hop_failures.add();
  for (const auto& message : link.lost(lane_.now()))
    if (!message.by)
      drop("unsendable");
  sip::actions out; // The requests that waited are among the transactions that fail.
  layer_.next_hop_failed(lane_.now(), hop, out);
  carry_out(std::move(out));
}

bool sip_endpoint::send_to_next_hop(sip::next_hop hop, next_hop_link& link, sip::send& message) {
  if (link.may_connect(lane_.now()))
    connect_next_hop(hop, link);
  if (link.is_connecting())
    return link.wait(std::move(message));
  const auto flow = link.flow(); // None: it rests.
  return flow && send_on_flow(*flow, *message.bytes);
}

// Messages in.

void sip_endpoint::on_message(sip_flow& flow, std::string_view bytes) {
  const auto error = view_.parse(bytes, (flow.from() == side::outside ? settings_.outside : settings_.inside).messages);
  const auto from = flow.arrival();
  (view_.is_request() ? counters_.requests : counters_.responses).add();
  if (error)
    answer_unreadable(from, *error);
  else if (view_.is_request())
    receive_request(from);
  else
    receive_response(from, view_);
}

void sip_endpoint::on_broken_stream(sip_flow& flow, sip::parse_error error, std::string_view head) {
  if (head.empty())
    return drop(to_string(error));
  std::ignore = view_.parse(head, settings_.outside.messages);
  answer_unreadable(flow.arrival(), error);
}

/// RFC 3261, 16.3 step 1: what cannot be read gets a 400 as far as there is somebody to answer.
void sip_endpoint::answer_unreadable(const sip::arrival& from, sip::parse_error error) {
  if (!view_.is_request() || view_.count(sip::header_id::via) == 0)
    return drop(to_string(error));
  refuse(from, view_, sip::refuse_unparsed(error).status, to_string(error));
}

void sip_endpoint::receive_request(const sip::arrival& from) {
  const sip::validation_rules rules{.identity = settings_.identity.get(), .loop_key = settings_.loop_key.get()};
  const auto refusal = sip::validate_request(view_, rules);
  if (!refusal)
    return user_.on_request(from, view_);
  const sip::header_text extra{refusal->header_name, refusal->header_value};
  refuse(from, view_, refusal->status, refusal->reason, std::span{&extra, refusal->header_name.empty() ? 0U : 1U});
}

void sip_endpoint::receive_response(const sip::arrival& from, const sip::message_view& response) {
  if (const auto fault = sip::validate_response(response, *settings_.identity))
    return drop(to_string(*fault));
  sip::actions out;
  const auto verdict = layer_.receive_response(lane_.now(), from, response, out);
  carry_out(std::move(out));
  if (const auto* delivered = std::get_if<sip::response_delivered>(&verdict))
    user_.on_response(delivered->client, from, response);
  else if (const auto* elsewhere = std::get_if<sip::response_elsewhere>(&verdict))
    user_.on_response_elsewhere(elsewhere->session, from, response);
  else if (std::holds_alternative<sip::response_stray>(verdict))
    drop("stray_response");
}

// What the user and the sessions say.

sip::request_verdict sip_endpoint::open_transaction(const sip::arrival& from, const sip::message_view& request) {
  sip::actions out;
  const auto verdict = layer_.receive_request(lane_.now(), from, request, out);
  carry_out(std::move(out));
  return verdict;
}

void sip_endpoint::refuse(const sip::arrival& from, const sip::message_view& request, unsigned status,
                          std::string_view reason, std::span<const sip::header_text> extra) {
  if (request.method() == sip::method::ack) // RFC 3261, 17: an ACK is never answered.
    return drop(reason);
  counters_.refused.add(reason);
  lane_.log().request_refused(lane_.now(), from.source, status, reason);
  auto* flow = flows_.find(from.flow);
  if (flow)
    flow->send(
      sip::write_local_response(request, from, status, {}, sip::local_tag(request, settings_.table_hash), extra));
}

void sip_endpoint::drop(std::string_view reason) {
  counters_.dropped.add(reason);
  lane_.log().message_dropped(lane_.now(), reason);
}

void sip_endpoint::respond(sip::transaction_id transaction, unsigned status, std::string bytes) {
  sip::actions out;
  layer_.respond(lane_.now(), transaction, status, std::move(bytes), out);
  carry_out(std::move(out));
}

void sip_endpoint::request(sip::client_request request) {
  sip::actions out;
  layer_.request(lane_.now(), std::move(request), out);
  carry_out(std::move(out));
}

void sip_endpoint::send_stateless(const sip::destination& to, std::string bytes) {
  sip::send message{.to = to, .source = {}, .by = {}, .bytes = std::make_shared<const std::string>(std::move(bytes))};
  carry_out(message);
}

void sip_endpoint::cancel(const sip::client_key& client) {
  sip::actions out;
  layer_.cancel(lane_.now(), client, out);
  carry_out(std::move(out));
}

void sip_endpoint::session_lost(sip::session_id session) {
  sip::actions out;
  layer_.session_lost(lane_.now(), session, out);
  carry_out(std::move(out));
}

// Actions out.

void sip_endpoint::carry_out(sip::actions&& out) {
  for (auto& action : out) {
    if (auto* message = std::get_if<sip::send>(&action))
      carry_out(*message);
    else if (const auto* failure = std::get_if<sip::client_failure>(&action))
      user_.on_client_failure(*failure);
    else
      user_.on_server_ended(std::get<sip::server_ended>(action));
  }
  rearm();
}

void sip_endpoint::carry_out(sip::send& message) {
  const auto by = message.by;
  const auto* hop = std::get_if<sip::next_hop>(&message.to);
  auto* link = hop ? next_hops_.find(*hop) : nullptr;
  if (hop && !link)
    drop("unknown_next_hop"); // To nobody else instead.
  else if (link ? send_to_next_hop(*hop, *link, message)
                : send_on_flow(std::get<sip::flow_id>(message.to), *message.bytes))
    return;
  else if (!by)
    drop("unsendable");
  sip::actions out;
  layer_.client_failed(lane_.now(), by, out);
  carry_out(std::move(out));
}

bool sip_endpoint::send_on_flow(sip::flow_id to, std::string_view bytes) {
  auto* flow = flows_.find(to);
  return flow && flow->send(bytes);
}

void sip_endpoint::on_timer(std::uint64_t) {
  timer_ = {};
  timer_at_.reset();
  sip::actions out;
  layer_.expire(lane_.now(), out);
  carry_out(std::move(out));
}

void sip_endpoint::rearm() {
  counters_.hold(counters_.server_transactions, layer_.server_count());
  counters_.hold(counters_.client_transactions, layer_.client_count());
  counters_.hold(layer_.counts());
  const auto deadline = layer_.next_deadline();
  if (!deadline || (timer_at_ && *timer_at_ <= *deadline))
    return; // An early timer finds nothing due and arms the next one.
  lane_.cancel(timer_);
  timer_ = lane_.arm(*deadline, *this);
  timer_at_ = timer_ ? deadline : std::nullopt; // None to be had: the next message asks again.
}

} // namespace sallyport::io
