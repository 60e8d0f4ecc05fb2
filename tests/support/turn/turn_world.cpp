#include "tests/support/turn/turn_world.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace sallyport::test {

peer_verdict listed_peers::judge(const ip_address& peer) const noexcept {
  if (refused.contains(peer))
    return peer_verdict::refused;
  return ours.contains(peer) ? peer_verdict::relay_ports_only : peer_verdict::any_port;
}

bool listed_peers::is_relay_port(std::uint16_t port) const noexcept {
  return port >= first_relay_port && port <= last_relay_port;
}

void effect_ledger::note(const turn::allocation_id& id, const turn::allocation_answer& answer) {
  auto& book = open_[id];
  for (const auto& each : answer.effects)
    std::visit([&](const auto& one) { enter(book, one); }, each);
  require(answer.has_ended == !book.is_open, "it ends when its relay closes");
  if (answer.has_ended)
    open_.erase(id);
}

bool effect_ledger::permits(const turn::allocation_id& id, const ip_address& peer) const {
  const auto found = open_.find(id);
  return found != open_.end() && found->second.permissions.contains(peer);
}

std::size_t effect_ledger::permissions() const {
  std::size_t count = 0;
  for (const auto& [id, book] : open_)
    count += book.permissions.size();
  return count;
}

std::size_t effect_ledger::channels() const {
  std::size_t count = 0;
  for (const auto& [id, book] : open_)
    count += book.channels.size();
  return count;
}

void effect_ledger::require(bool holds, const char* what) {
  if (!holds)
    throw std::logic_error{what};
}

void effect_ledger::enter(book_of_one& book, const turn::relay_opened&) {
  require(!std::exchange(book.is_open, true), "a relay opens once");
}

void effect_ledger::enter(book_of_one& book, const turn::permission_opened& one) {
  require(book.is_open && book.permissions.insert(one.peer).second, "a permission opens in an open relay, once");
}

void effect_ledger::enter(book_of_one& book, const turn::channel_opened& one) {
  require(book.permissions.contains(one.peer.address), "a channel opens with its permission");
  require(book.channels.emplace(one.number, one.peer).second, "a channel opens once");
}

void effect_ledger::enter(book_of_one& book, const turn::channel_closed& one) {
  const auto found = book.channels.find(one.number);
  require(found != book.channels.end() && found->second == one.peer, "a channel that closes was open");
  book.channels.erase(found);
}

void effect_ledger::enter(book_of_one& book, const turn::permission_closed& one) {
  require(book.permissions.erase(one.peer) == 1, "a permission that closes was open");
}

void effect_ledger::enter(book_of_one& book, const turn::relay_closed&) {
  require(std::exchange(book.is_open, false), "a relay that closes was open");
  require(book.permissions.empty() && book.channels.empty(), "a relay closes last");
}

turn_world::turn_world(const world_options& options)
  : pool{turn::relay_ports{options.first_port, options.last_port, options.port_rest}, options.pool, siphash{5, 6}},
    server{options.server, users(), as_filter(), pool}, limits_{options.allocation} {
  peers.first_relay_port = options.first_port;
  peers.last_relay_port = options.last_port;
}

turn_world::~turn_world() = default;

outcome turn_world::receive(const turn_client& from, std::span<const std::byte> datagram) {
  last_from_ = {from.at, from.listener};
  return carry_out(server.receive(
    {.client = from.at, .listener = from.listener, .now = this_moment(), .random = next_random()}, datagram, room_));
}

turn_response turn_world::ask(const turn_client& from, std::span<const std::byte> request) {
  const auto came = receive(from, request);
  if (!came.reply)
    throw std::runtime_error{"no reply: " + came.dropped};
  return from.read(*came.reply).value();
}

void turn_world::introduce(turn_client& client) {
  client.nonce = ask(client, client.first_allocate()).nonce;
}

turn_response turn_world::allocate(turn_client& client) {
  introduce(client);
  return ask(client, client.allocate());
}

outcome turn_world::channel_data(const turn_client& from, std::span<const std::byte> datagram) {
  const auto forwarded = server.relay_channel_data(from.at, from.listener, datagram);
  if (!forwarded)
    return {.dropped = std::string{to_string(forwarded.error())}};
  return carry_out(*forwarded);
}

std::optional<bytes> turn_world::from_peer(const turn::allocation_id& id, const endpoint& peer,
                                           std::string_view payload) {
  bytes room(turn::server::headroom_bytes + payload.size() + turn::server::tailroom_bytes, std::byte{0xEE});
  std::ranges::copy(bytes_of(payload), room.begin() + turn::server::headroom_bytes);
  const auto relayed = server.relay_from_peer(id, peer, room, payload.size());
  if (!relayed)
    return std::nullopt;
  return bytes{relayed->bytes.begin(), relayed->bytes.end()};
}

outcome turn_world::answer_next(std::size_t which) {
  const auto id = asked[which % asked.size()].id;
  const auto first = std::ranges::find(asked, id, &turn::ask::id);
  const auto next = std::move(*first);
  asked.erase(first);
  return answer(next);
}

void turn_world::lose(const turn::allocation_id& id) {
  std::erase_if(asked, [&](const auto& each) { return each.id == id; });
  actors_.erase(id);
  ledger.forget(id);
  forget(id);
  server.lost(id, now);
}

void turn_world::pass(milliseconds span) {
  const auto until = now + span;
  while (true) {
    const auto due = std::ranges::min_element(deadlines_, {}, [](const auto& each) { return each.second; });
    if (due == deadlines_.end() || due->second > until)
      break;
    const auto id = due->first;
    now = std::max(now, due->second);
    deadlines_.erase(due);
    (void)carry_out(turn::ask{id, {.request = 0, .what = turn::deadline_passed{}}});
  }
  now = until;
}

std::vector<turn::allocation_id> turn_world::ids() const {
  std::vector<turn::allocation_id> all;
  for (const auto& [id, client] : clients_)
    all.push_back(id);
  return all;
}

const turn::authenticator& turn_world::users() {
  static const turn::authenticator all = [] {
    const std::string realm = "edge.example";
    std::vector<turn::static_user> named;
    for (const std::string name : {"alice", "bob"})
      named.push_back({name, stun::make_long_term_key(name, realm, name + " secret"), name + "@example.org"});
    const std::array<std::uint8_t, secret_key::size_bytes> key{1, 2, 3};
    return turn::authenticator{std::make_shared<const turn::credentials>(realm, named, std::vector<std::string>{}),
                               std::make_shared<const turn::nonces>(std::make_shared<const keyed_hash>(secret_key{key}),
                                                                    nullptr, seconds{3600})};
  }();
  return all;
}

outcome turn_world::carry_out(turn::decision decided) {
  while (const auto* open = std::get_if<turn::open_socket>(&decided)) {
    if (can_bind(open->port))
      decided = server.opened(open->id);
    else
      decided = server.not_opened(open->id, why_not, now, next_random(), room_);
  }
  if (const auto* silence = std::get_if<turn::drop_reason>(&decided))
    return {.dropped = std::string{to_string(*silence)}};
  if (const auto* packet = std::get_if<turn::to_peer>(&decided))
    return {.dropped = {},
            .reply = {},
            .reason = {},
            .to_peer = {{packet->peer, text_of(packet->payload)}},
            .relay = packet->relay};
  if (const auto* out = std::get_if<turn::reply>(&decided))
    return replied(*out);
  auto& question = std::get<turn::ask>(decided);
  if (std::holds_alternative<turn::open_request>(question.event.what))
    clients_.emplace(question.id, last_from_);
  if (!holds_answers)
    return answer(question);
  asked.push_back(std::move(question));
  return {.dropped = "held"};
}

outcome turn_world::replied(const turn::reply& out) {
  return {.dropped = {}, .reply = bytes{out.out.bytes.begin(), out.out.bytes.end()}, .reason = std::string{out.reason}};
}

outcome turn_world::answer(const turn::ask& question) {
  if (std::holds_alternative<turn::open_request>(question.event.what)) {
    actors_.emplace(question.id, limits_);
    ++actors_made;
  }
  const auto said = actors_.at(question.id).handle(now, question.event);
  ledger.note(question.id, said);
  deadlines_.erase(question.id);
  if (said.next_deadline)
    deadlines_.emplace(question.id, *said.next_deadline);
  const auto settled = server.settle(question.id, said, now, room_);
  if (settled.has_ended)
    forget(question.id);
  if (asked.empty()) // One that has ended still answers what it was asked before.
    std::erase_if(actors_, [&](const auto& each) { return !clients_.contains(each.first); });
  return settled.out ? replied(*settled.out) : outcome{};
}

void turn_world::forget(const turn::allocation_id& id) {
  clients_.erase(id);
  deadlines_.erase(id);
}

} // namespace sallyport::test
