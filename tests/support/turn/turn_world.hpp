#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "net/turn/relay_shares.hpp"
#include "net/turn/server.hpp"
#include "tests/support/turn/turn_client.hpp"

namespace sallyport::test {

/// The peers of these tests: some are refused, one address is our own.
struct listed_peers final : peer_filter {
  std::set<ip_address> refused;
  std::set<ip_address> ours;
  std::uint16_t first_relay_port = 0;
  std::uint16_t last_relay_port = 0;

  [[nodiscard]] peer_verdict judge(const ip_address& peer) const noexcept override {
    if (refused.contains(peer))
      return peer_verdict::refused;
    return ours.contains(peer) ? peer_verdict::relay_ports_only : peer_verdict::any_port;
  }
  [[nodiscard]] bool is_relay_port(std::uint16_t port) const noexcept override {
    return port >= first_relay_port && port <= last_relay_port;
  }
};

/// Holds allocations to their word: what opens was closed, what closes was open, and nothing is left of one that ended.
/// Throws std::logic_error where one does not keep it.
class effect_ledger {
public:
  void note(const turn::allocation_id& id, const turn::allocation_answer& answer) {
    auto& book = open_[id];
    for (const auto& each : answer.effects)
      std::visit([&](const auto& one) { enter(book, one); }, each);
    require(answer.has_ended == !book.is_open, "it ends when its relay closes");
    if (answer.has_ended)
      open_.erase(id);
  }
  void forget(const turn::allocation_id& id) { open_.erase(id); }

  [[nodiscard]] bool permits(const turn::allocation_id& id, const ip_address& peer) const {
    const auto found = open_.find(id);
    return found != open_.end() && found->second.permissions.contains(peer);
  }
  [[nodiscard]] std::size_t permissions() const {
    std::size_t count = 0;
    for (const auto& [id, book] : open_)
      count += book.permissions.size();
    return count;
  }
  [[nodiscard]] std::size_t channels() const {
    std::size_t count = 0;
    for (const auto& [id, book] : open_)
      count += book.channels.size();
    return count;
  }

private:
  struct book_of_one {
    bool is_open = false;
    std::set<ip_address> permissions;
    std::map<std::uint16_t, endpoint> channels;
  };

  static void require(bool holds, const char* what) {
    if (!holds)
      throw std::logic_error{what};
  }
  static void enter(book_of_one& book, const turn::relay_opened&) {
    require(!std::exchange(book.is_open, true), "a relay opens once");
  }
  static void enter(book_of_one& book, const turn::permission_opened& one) {
    require(book.is_open && book.permissions.insert(one.peer).second, "a permission opens in an open relay, once");
  }
  static void enter(book_of_one& book, const turn::channel_opened& one) {
    require(book.permissions.contains(one.peer.address), "a channel opens with its permission");
    require(book.channels.emplace(one.number, one.peer).second, "a channel opens once");
  }
  static void enter(book_of_one& book, const turn::channel_closed& one) {
    const auto found = book.channels.find(one.number);
    require(found != book.channels.end() && found->second == one.peer, "a channel that closes was open");
    book.channels.erase(found);
  }
  static void enter(book_of_one& book, const turn::permission_closed& one) {
    require(book.permissions.erase(one.peer) == 1, "a permission that closes was open");
  }
  static void enter(book_of_one& book, const turn::relay_closed&) {
    require(std::exchange(book.is_open, false), "a relay that closes was open");
    require(book.permissions.empty() && book.channels.empty(), "a relay closes last");
  }

  std::map<turn::allocation_id, book_of_one> open_;
};

struct world_options {
  turn::server_settings server{.node = 1,
                               .lane = 2,
                               .relay_address = *ip_address::parse("192.0.2.100"),
                               .announced = *ip_address::parse("192.0.2.100"),
                               .unauthorized = {.per_second = 1000, .burst = 1000},
                               .table_hash = {3, 4}};
  turn::allocation_limits allocation;
  turn::relay_limits pool;
  std::uint16_t first_port = 50'000;
  std::uint16_t last_port = 50'099;
  seconds port_rest{0};
};

/// What a datagram came to.
struct outcome {
  std::string dropped; ///< Why, if it was.
  std::optional<bytes> reply;
  std::string reason;                                      ///< Of a reply that refuses.
  std::optional<std::pair<endpoint, std::string>> to_peer; ///< Where, and what.
  std::uint32_t relay = 0;
};

/// A server, the actors of its allocations, and sockets that can always be had, under virtual time. An answer of an
/// actor is there at once, unless `holds_answers`.
class turn_world {
public:
  explicit turn_world(const world_options& options = {})
    : pool{turn::relay_ports{options.first_port, options.last_port, options.port_rest}, options.pool, siphash{5, 6}},
      server{options.server, users(), peers, pool}, limits_{options.allocation} {
    peers.first_relay_port = options.first_port;
    peers.last_relay_port = options.last_port;
  }

  outcome receive(const turn_client& from, std::span<const std::byte> datagram) {
    last_from_ = {from.at, from.door};
    return carry_out(server.receive({.client = from.at,
                                     .door = from.door,
                                     .now = now,
                                     .unix_seconds = unix_at_start + elapsed_seconds(),
                                     .random = next_random()},
                                    datagram, room_));
  }
  /// The response to a request; throws when there is none.
  turn_response ask(const turn_client& from, std::span<const std::byte> request) {
    const auto came = receive(from, request);
    if (!came.reply)
      throw std::runtime_error{"no reply: " + came.dropped};
    return from.read(*came.reply).value();
  }
  /// Gets realm and nonce as clients do: by a request without them.
  void introduce(turn_client& client) { client.nonce = ask(client, client.bare(stun::method::allocate)).nonce; }
  /// An introduced client with an allocation.
  turn_response allocate(turn_client& client) {
    introduce(client);
    return ask(client, client.allocate());
  }

  outcome channel_data(const turn_client& from, std::span<const std::byte> datagram) {
    const auto forwarded = server.relay_channel_data(from.at, from.door, datagram);
    if (!forwarded)
      return {.dropped = std::string{to_string(forwarded.error())}};
    return carry_out(*forwarded);
  }
  /// What the client of an allocation gets of a peer's datagram; nothing when it is not relayed.
  std::optional<bytes> from_peer(const turn::allocation_id& id, const endpoint& peer, std::string_view payload) {
    bytes room(turn::server::headroom_bytes + payload.size() + turn::server::tailroom_bytes, std::byte{0xEE});
    std::ranges::copy(bytes_of(payload), room.begin() + turn::server::headroom_bytes);
    const auto relayed = server.relay_from_peer(id, peer, room, payload.size());
    if (!relayed)
      return std::nullopt;
    return bytes{relayed->bytes.begin(), relayed->bytes.end()};
  }

  /// Lets one actor answer the first that it was asked.
  outcome answer_next(std::size_t which = 0) {
    const auto id = asked[which % asked.size()].id;
    const auto first = std::ranges::find(asked, id, &turn::ask::id);
    const auto next = std::move(*first);
    asked.erase(first);
    return answer(next);
  }
  /// The actor dies; what it was asked stays unanswered.
  void lose(const turn::allocation_id& id) {
    std::erase_if(asked, [&](const auto& each) { return each.id == id; });
    actors_.erase(id);
    ledger.forget(id);
    forget(id);
    server.lost(id, now);
  }
  /// Time passes, deadline by deadline.
  void pass(milliseconds span) {
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

  /// Of the allocations that there are, also those whose actors have not said so yet.
  [[nodiscard]] std::vector<turn::allocation_id> ids() const {
    std::vector<turn::allocation_id> all;
    for (const auto& [id, client] : clients_)
      all.push_back(id);
    return all;
  }
  [[nodiscard]] const turn::five_tuple& client_of(const turn::allocation_id& id) const { return clients_.at(id); }

  time_point now{};
  bool holds_answers = false;
  std::function<bool(std::uint16_t)> can_bind = [](std::uint16_t) { return true; };
  turn::socket_refusal why_not = turn::socket_refusal::port; ///< Where it cannot.
  std::deque<turn::ask> asked;                               ///< Of actors that have not answered yet.
  std::size_t actors_made = 0;
  listed_peers peers;
  turn::relay_shares pool;
  effect_ledger ledger;
  turn::server server;

private:
  static constexpr std::int64_t unix_at_start = 1'795'000'000;

  /// "alice" and "bob", whose passwords are "alice secret" and "bob secret".
  static const turn::authenticator& users() {
    static const turn::authenticator all = [] {
      const std::string realm = "edge.example";
      std::vector<turn::static_user> named;
      for (const std::string name : {"alice", "bob"})
        named.push_back({name, stun::make_long_term_key(name, realm, name + " secret"), name + "@example.org"});
      const std::array<std::uint8_t, secret_key::size_bytes> key{1, 2, 3};
      return turn::authenticator{std::make_shared<const turn::credentials>(realm, named, std::vector<std::string>{}),
                                 std::make_shared<const turn::nonces>(
                                   std::make_shared<const keyed_hash>(secret_key{key}), nullptr, seconds{3600})};
    }();
    return all;
  }

  std::int64_t elapsed_seconds() const { return std::chrono::duration_cast<seconds>(now.time_since_epoch()).count(); }
  std::uint64_t next_random() { return random_ = random_ * 6364136223846793005U + 1442695040888963407U; }

  outcome carry_out(turn::decision decided) {
    while (const auto* open = std::get_if<turn::open_socket>(&decided)) {
      if (can_bind(open->port))
        decided = server.opened(open->id);
      else
        decided = server.not_opened(open->id, why_not, now, next_random(), room_);
    }
    if (const auto* silence = std::get_if<turn::dropped>(&decided))
      return {.dropped = std::string{silence->reason}};
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

  static outcome replied(const turn::reply& out) {
    return {
      .dropped = {}, .reply = bytes{out.out.bytes.begin(), out.out.bytes.end()}, .reason = std::string{out.reason}};
  }

  outcome answer(const turn::ask& question) {
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

  void forget(const turn::allocation_id& id) {
    clients_.erase(id);
    deadlines_.erase(id);
  }

  turn::allocation_limits limits_;
  std::map<turn::allocation_id, turn::allocation> actors_;
  std::map<turn::allocation_id, turn::five_tuple> clients_;
  std::map<turn::allocation_id, time_point> deadlines_;
  turn::five_tuple last_from_;
  std::array<std::byte, turn::server::reply_bytes_max> room_{};
  std::uint64_t random_ = 1;
};

} // namespace sallyport::test
