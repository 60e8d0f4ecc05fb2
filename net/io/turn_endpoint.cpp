#include "net/io/turn_endpoint.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "net/core/batch.hpp"
#include "net/core/big_endian.hpp"
#include "net/core/fault.hpp"
#include "net/core/overloaded.hpp"
#include "net/stun/datagram_kind.hpp"

namespace sallyport::io {
namespace {

static_assert(received_datagram::headroom_bytes == turn::server::headroom_bytes);
static_assert(received_datagram::tailroom_bytes >= turn::server::tailroom_bytes);

turn::server_settings on_lane(turn::server_settings settings, std::uint8_t lane) {
  settings.lane = lane;
  return settings;
}

/// Counts what the type of a STUN message says (RFC 8489, 5).
void count_request(turn_counters& counters, std::uint16_t type) {
  constexpr std::uint16_t class_bits = 0x0110;
  constexpr auto binding_request = static_cast<std::uint16_t>(stun::method::binding);
  if ((type & class_bits) == 0)
    counters.requests.add();
  if (type == binding_request)
    counters.bindings.add();
}

/// How every allocation begins, and what a client does by itself about a nonce that has aged: no operator's business.
bool is_ordinary(unsigned code) {
  return code == 401 || code == 438;
}

std::string_view end_reason(const turn::allocation_answer& answer) {
  for (const auto& change : answer.effects)
    if (const auto* closed = std::get_if<turn::relay_closed>(&change))
      return to_string(closed->reason);
  return "refused";
}

bool has_opened(const turn::allocation_answer& answer) {
  return std::ranges::any_of(
    answer.effects, [](const turn::effect& change) { return std::holds_alternative<turn::relay_opened>(change); });
}

} // namespace

/// While one lives, answers and packets are collected; also when a handler throws, what was collected is sent.
class turn_endpoint::sending {
public:
  explicit sending(turn_endpoint& owner) : owner_{owner}, is_outermost_{!std::exchange(owner.is_collecting_, true)} {}
  ~sending() {
    if (!is_outermost_)
      return;
    owner_.is_collecting_ = false;
    owner_.send_collected();
  }
  sending(const sending&) = delete;
  sending& operator=(const sending&) = delete;

private:
  turn_endpoint& owner_;
  bool is_outermost_;
};

turn_endpoint::turn_endpoint(lane& home, const turn_settings& settings, turn::relay_pool& pool, turn_user& user)
  : lane_{home}, settings_{settings}, user_{user}, server_{on_lane(settings.server, home.index()), settings.who,
                                                           settings.peers, pool} {}

turn_endpoint::~turn_endpoint() {
  relays_.for_each([this](std::uint32_t, const relay& one) { lane_.cancel(one.deadline); });
}

result<void, std::string> turn_endpoint::open(std::span<const endpoint> listeners) {
  for (const auto& local : listeners) {
    auto opened = udp_socket::open(lane_, local, *this, settings_.listener_buffer_bytes);
    if (!opened)
      return fail(local.text() + ": " + opened.error().text());
    listeners_.push_back(std::move(*opened));
  }
  return {};
}

result<void, std::string> turn_endpoint::hear() {
  for (const auto& listener : listeners_)
    if (const auto heard = listener->hear(); !heard)
      return fail(listener->local().text() + ": " + heard.error().text());
  return {};
}

std::vector<endpoint> turn_endpoint::listeners() const {
  std::vector<endpoint> places;
  for (const auto& listener : listeners_)
    places.push_back(listener->local());
  return places;
}

void turn_endpoint::renew(std::shared_ptr<const peer_filter> peers) {
  server_.renew(std::move(peers));
  counters_.peer_rules_renewed.add();
}

// From clients.

void turn_endpoint::on_datagrams(udp_socket& listener, std::span<const received_datagram> batch) {
  const sending at_the_end{*this};
  asker by;
  by.from.listener = static_cast<std::uint8_t>(
    std::ranges::find(listeners_, &listener, &std::unique_ptr<udp_socket>::get) - listeners_.begin());
  const bool is_wildcard = listener.local().address.is_unspecified();
  by.from.now = lane_.this_moment();
  for (const auto& one : batch) {
    by.from.client = one.peer;
    if (is_wildcard)
      by.asked = one.local;
    switch (stun::kind_of(one.payload())) {
    case stun::datagram_kind::channel_data:
      if (const auto packet = server_.relay_channel_data(one.peer, by.from.listener, one.payload()))
        forward(*packet);
      else
        counters_.dropped_by(packet.error()).add();
      break;
    case stun::datagram_kind::stun:
      lane_.guarded([&] { receive_message(by, one.payload()); });
      break;
    case stun::datagram_kind::other:
      counters_.dropped_by(turn::drop_reason::not_stun).add();
    }
  }
}

void turn_endpoint::receive_message(const asker& by, std::span<const std::byte> message) {
  const auto type =
    message.size() < stun::header_bytes ? std::uint16_t{0} : big_endian_at<std::uint16_t>(message.data());
  auto from = by.from;
  from.random = settings_.random();
  auto what = server_.receive(from, message, answer_room());
  const auto* dropped = std::get_if<turn::drop_reason>(&what);
  if (!dropped || !turn::is_unreadable(*dropped))
    count_request(counters_, type);
  carry_out(by, std::move(what));
}

void turn_endpoint::carry_out(const asker& by, turn::decision&& what) {
  const auto open = [&](const turn::open_socket& wanted) {
    tell(wanted.id, [&] {
      if (const auto opened = open_relay(by, wanted); !opened)
        return carry_out(by,
                         server_.not_opened(wanted.id, opened.error(), lane_.now(), settings_.random(), answer_room()));
      fault::point("turn_endpoint::carry_out, opened");
      auto first = server_.opened(wanted.id);
      user_.on_open(first.id, std::move(first.event));
    });
  };
  std::visit(
    overloaded{[&](const turn::to_peer& packet) { forward(packet); }, [&](turn::drop_reason why) { drop(why); },
               [&](const turn::reply& reply) { answer(reply, by.asked); },
               [&](turn::ask& asked) { tell(asked.id, [&] { user_.on_event(asked.id, std::move(asked.event)); }); },
               open},
    what);
}

/// An allocation that cannot be made whole, or whose actor cannot be told or its answer be done, is lost: it would wait
/// for ever.
template <class Call>
void turn_endpoint::tell(const turn::allocation_id& id, Call&& call) {
  try {
    call();
  } catch (...) {
    lost(id);
    throw;
  }
}

result<void, turn::socket_refusal> turn_endpoint::open_relay(const asker& by, const turn::open_socket& wanted) {
  relay_user& user = *this;
  auto socket = relay_socket::open(lane_, {settings_.server.relay_address, wanted.port}, wanted.id.index, user);
  if (!socket)
    return fail(socket.error().code == EADDRINUSE ? turn::socket_refusal::port : turn::socket_refusal::socket);
  fault::point("turn_endpoint::open_relay");
  relays_.put(wanted.id, relay{.socket = std::move(*socket), .asked = by.asked, .opened = lane_.now()});
  return {};
}

void turn_endpoint::drop(turn::drop_reason why) {
  (why == turn::drop_reason::unauthorized_suppressed ? counters_.unauthorized_suppressed : counters_.dropped_by(why))
    .add();
}

void turn_endpoint::answer(const turn::reply& reply, const ip_address& source) {
  if (reply.code != 0) {
    counters_.refused.add(reply.reason);
    if (!is_ordinary(reply.code))
      lane_.log().request_refused(lane_.now(), reply.out.client, reply.code, reply.reason);
  }
  if (!answers_.takes(reply.out.listener))
    send_answers();
  answers_.add(reply.out.listener, {.peer = reply.out.client, .local = source, .bytes = reply.out.bytes});
  next_room_ = (next_room_ + 1) % answer_rooms_.size();
}

/// Room for an answer that none of those collected lies in.
std::span<std::byte> turn_endpoint::answer_room() {
  if (answers_.datagrams().size() == answer_rooms_.size())
    send_answers();
  return answer_rooms_[next_room_];
}

// From peers.

void turn_endpoint::on_peers(std::uint32_t index, std::span<const received_datagram> batch) {
  const auto id = relays_.name(index);
  const auto& of = relays_[index];
  for (const auto& one : batch) {
    const auto packet = server_.relay_from_peer(id, one.peer, one.room, one.payload_bytes);
    if (!packet)
      counters_.dropped_by(packet.error()).add();
    else
      to_clients_.add(packet->listener, {.peer = packet->client, .local = of.asked, .bytes = packet->bytes});
  }
  if (to_clients_.is_empty())
    return;
  const auto sent =
    listeners_[to_clients_.socket()]->send(to_clients_.datagrams()); // One client's, so by one listener.
  counters_.packets_to_clients.add(sent.datagrams);
  counters_.bytes_to_clients.add(sent.bytes);
  counters_.dropped_by(turn::drop_reason::not_sent).add(to_clients_.datagrams().size() - sent.datagrams);
  to_clients_.clear();
}

// From actors.

void turn_endpoint::settle(const turn::allocation_id& id, const turn::allocation_answer& answered) {
  const auto* of = relays_.find(id);
  if (!of)
    return;
  const sending at_the_end{*this};
  tell(id, [&] {
    const auto counts = counts_of(id);
    const auto settled = server_.settle(id, answered, lane_.now(), answer_room());
    if (settled.out)
      answer(*settled.out, of->asked);
    if (has_opened(answered))
      counters_.allocations_opened.add();
    fault::point("turn_endpoint::settle");
    if (settled.has_ended)
      end(id, end_reason(answered), counts);
    else
      expect_deadline(id, answered);
  });
}

void turn_endpoint::lost(const turn::allocation_id& id) {
  const sending at_the_end{*this};
  lose(id, "actor lost");
}

void turn_endpoint::close_all() {
  const sending at_the_end{*this};
  relays_.for_each(
    [this](std::uint32_t index, const relay&) { lane_.guarded([&] { lose(relays_.name(index), "shutdown"); }); });
  send_collected();
  listeners_.clear();
}

// Deadlines and ends.

/// An answer names the next deadline as it stands after it; one that its actor has been told of is not told again.
void turn_endpoint::expect_deadline(const turn::allocation_id& id, const turn::allocation_answer& answered) {
  auto& of = relays_[id.index];
  if (answered.request == 0)
    of.is_deadline_asked = false;
  lane_.cancel(std::exchange(of.deadline, {}));
  if (of.is_deadline_asked || !answered.next_deadline)
    return;
  fault::point("turn_endpoint::expect_deadline");
  of.deadline = lane_.arm(*answered.next_deadline, *this, id.index);
  if (!of.deadline) // It would never end.
    lose(id, "no timer");
}

void turn_endpoint::on_timer(std::uint64_t index) {
  const sending at_the_end{*this};
  const auto id = relays_.name(static_cast<std::uint32_t>(index)); // It may end within the call.
  auto& of = relays_[id.index];
  of.deadline = {};
  of.is_deadline_asked = true;
  tell(id, [&] { user_.on_event(id, {.request = 0, .what = turn::deadline_passed{}}); });
}

void turn_endpoint::lose(const turn::allocation_id& id, std::string_view reason) {
  const auto counts = counts_of(id);
  batch each;
  each.run([&] { server_.lost(id, lane_.now()); });
  if (relays_.find(id)) // Else it is lost before it had one.
    each.run([&] { end(id, reason, counts); });
  each.finish();
}

void turn_endpoint::end(const turn::allocation_id& id, std::string_view reason, const turn::relay_counts& counts) {
  if (!to_peers_.is_empty() && to_peers_.socket() == id.index)
    send_to_peers();
  const auto& ended = relays_[id.index];
  const auto age = std::chrono::duration_cast<seconds>(lane_.now() - ended.opened);
  lane_.cancel(ended.deadline);
  relays_.erase(id.index);
  batch each;
  each.run([&] { user_.on_ended(id); });
  each.run([&] {
    lane_.log().allocation_closed(lane_.now(), id, reason, counts.packets_to_peers, counts.packets_to_client, age);
  });
  each.finish();
}

// Out.

void turn_endpoint::forward(const turn::to_peer& packet) {
  if (!to_peers_.takes(packet.relay))
    send_to_peers();
  to_peers_.add(packet.relay, {.peer = packet.peer, .local = {}, .bytes = packet.payload});
}

void turn_endpoint::send_to_peers() {
  const auto sent = relays_[to_peers_.socket()].socket->send(to_peers_.datagrams());
  counters_.packets_to_peers.add(sent.datagrams);
  counters_.bytes_to_peers.add(sent.bytes);
  counters_.dropped_by(turn::drop_reason::not_sent).add(to_peers_.datagrams().size() - sent.datagrams);
  to_peers_.clear();
}

void turn_endpoint::send_answers() {
  const auto sent = listeners_[answers_.socket()]->send(answers_.datagrams());
  counters_.answers.add(sent.datagrams);
  counters_.dropped_by(turn::drop_reason::answer_not_sent).add(answers_.datagrams().size() - sent.datagrams);
  answers_.clear();
}

void turn_endpoint::send_collected() {
  if (!to_peers_.is_empty())
    send_to_peers();
  if (!answers_.is_empty())
    send_answers();
  counters_.allocations.set(server_.allocations());
  counters_.permissions.set(server_.permissions());
  counters_.channels.set(server_.channels());
  counters_.requests_in_flight.set(server_.requests_in_flight());
}

turn::relay_counts turn_endpoint::counts_of(const turn::allocation_id& id) noexcept {
  const auto* counts = server_.counts(id);
  return counts ? *counts : turn::relay_counts{};
}

} // namespace sallyport::io
