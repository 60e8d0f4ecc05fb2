#pragma once
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/turn/relay_quotas.hpp"
#include "net/turn/server.hpp"
#include "tests/support/turn/turn_client.hpp"

namespace sallyport::test {

/// The peers of these tests: some are refused, one address is our own.
struct listed_peers final : peer_filter {
  std::set<ip_address> refused;
  std::set<ip_address> ours;
  std::uint16_t first_relay_port = 0;
  std::uint16_t last_relay_port = 0;

  [[nodiscard]] peer_verdict judge(const ip_address& peer) const noexcept override;
  [[nodiscard]] bool is_relay_port(std::uint16_t port) const noexcept override;
};

/// Holds allocations to their word: what opens was closed, what closes was open, and nothing is left of one that ended.
/// Throws std::logic_error where one does not keep it.
class effect_ledger {
public:
  void note(const turn::allocation_id& id, const turn::allocation_answer& answer);
  void forget(const turn::allocation_id& id) { open_.erase(id); }

  [[nodiscard]] bool permits(const turn::allocation_id& id, const ip_address& peer) const;
  [[nodiscard]] std::size_t permissions() const;
  [[nodiscard]] std::size_t channels() const;

private:
  struct book_of_one {
    bool is_open = false;
    std::set<ip_address> permissions;
    std::map<std::uint16_t, endpoint> channels;
  };

  static void require(bool holds, const char* what);
  static void enter(book_of_one& book, const turn::relay_opened&);
  static void enter(book_of_one& book, const turn::permission_opened& one);
  static void enter(book_of_one& book, const turn::channel_opened& one);
  static void enter(book_of_one& book, const turn::channel_closed& one);
  static void enter(book_of_one& book, const turn::permission_closed& one);
  static void enter(book_of_one& book, const turn::relay_closed&);

  std::map<turn::allocation_id, book_of_one> open_;
};

struct world_options {
  turn::server_settings server{.node = 1,
                               .lane = 2,
                               .relay_address = *ip_address::parse("192.0.2.100"),
                               .announced = *ip_address::parse("192.0.2.100"),
                               .unproved_answer_bytes = {.per_second = 1'000'000, .burst = 1'000'000},
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
  explicit turn_world(const world_options& options = {});
  ~turn_world();

  outcome receive(const turn_client& from, std::span<const std::byte> datagram);
  /// The response to a request; throws when there is none.
  turn_response ask(const turn_client& from, std::span<const std::byte> request);
  /// Gets realm and nonce as clients do: by a request without them.
  void introduce(turn_client& client);
  /// An introduced client with an allocation.
  turn_response allocate(turn_client& client);

  /// The server judges by what `peers` says now.
  void renew_peers() { server.renew(as_filter()); }

  outcome channel_data(const turn_client& from, std::span<const std::byte> datagram);
  /// What the client of an allocation gets of a peer's datagram; nothing when it is not relayed.
  std::optional<bytes> from_peer(const turn::allocation_id& id, const endpoint& peer, std::string_view payload);

  /// Lets one actor answer the first that it was asked.
  outcome answer_next(std::size_t which = 0);
  /// The actor dies; what it was asked stays unanswered.
  void lose(const turn::allocation_id& id);
  [[nodiscard]] moment this_moment() const {
    return {.boot = now, .wall = wall_time{seconds{1'795'000'000}} + now.time_since_epoch() + wall_set};
  }
  /// Time passes, deadline by deadline.
  void pass(milliseconds span);

  /// Of the allocations that there are, also those whose actors have not said so yet.
  [[nodiscard]] std::vector<turn::allocation_id> ids() const;
  [[nodiscard]] const turn::five_tuple& client_of(const turn::allocation_id& id) const { return clients_.at(id); }

  time_point now{};
  seconds wall_set{0}; ///< By how much somebody has set the wall clock.
  bool holds_answers = false;
  std::function<bool(std::uint16_t)> can_bind = [](std::uint16_t) { return true; };
  turn::socket_refusal why_not = turn::socket_refusal::port; ///< Where it cannot.
  std::deque<turn::ask> asked;                               ///< Of actors that have not answered yet.
  std::size_t actors_made = 0;
  listed_peers peers;
  turn::relay_quotas pool;
  effect_ledger ledger;
  turn::server server;

private:
  /// "alice" and "bob", whose passwords are "alice secret" and "bob secret".
  static const turn::authenticator& users();

  /// The peers as they are when they are asked: a test changes them between two requests.
  std::shared_ptr<const peer_filter> as_filter() { return {std::shared_ptr<void>{}, &peers}; }
  std::uint64_t next_random() { return random_ = random_ * 6364136223846793005U + 1442695040888963407U; }

  outcome carry_out(turn::decision decided);
  static outcome replied(const turn::reply& out);
  outcome answer(const turn::ask& question);
  void forget(const turn::allocation_id& id);

  turn::allocation_limits limits_;
  std::map<turn::allocation_id, turn::allocation> actors_;
  std::map<turn::allocation_id, turn::five_tuple> clients_;
  std::map<turn::allocation_id, time_point> deadlines_;
  turn::five_tuple last_from_;
  std::array<std::byte, turn::server::reply_bytes_max> room_{};
  std::uint64_t random_ = 1;
};

} // namespace sallyport::test
