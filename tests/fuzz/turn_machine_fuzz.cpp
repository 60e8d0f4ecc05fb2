// The bytes are a story: several clients, good and bad, with requests right and broken, time that passes, actors that
// answer late or die, sockets that cannot be had, and peers. Properties: what opens closes; only who has authenticated
// gets an allocation; nothing is relayed without a permission of that very allocation, or for another client; the
// gauges agree with what the actors have said, and all is given back in the end.
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/turn/turn_world.hpp"

namespace {

using namespace sallyport;
using stun::attribute;
using stun::message_writer;
using test::bytes;
using test::turn_client;

void require(bool holds) {
  if (!holds)
    std::abort();
}

/// The story's bytes, one after the other; zeros once they are used up.
class story_bytes {
public:
  explicit story_bytes(std::span<const std::uint8_t> rest) : rest_{rest} {}

  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t next() {
    if (rest_.empty())
      return 0;
    const auto byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::size_t below(std::size_t limit) { return next() % limit; }
  template <class T, std::size_t N>
  const T& pick(const T (&from)[N]) {
    return from[below(N)];
  }
  bytes take(std::size_t count) {
    const auto taken = std::as_bytes(rest_.first(std::min(count, rest_.size())));
    rest_ = rest_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

private:
  std::span<const std::uint8_t> rest_;
};

constexpr const char* peers[]{"192.0.2.1:4000",    "192.0.2.1:4001",    "192.0.2.2:4000",   "192.0.2.3:4000",
                              "192.0.2.100:50001", "10.0.0.100:50002",  "192.0.2.100:3478", "10.9.9.9:4000",
                              "192.0.2.4:4000",    "[2001:db8::1]:4000"};
constexpr std::uint16_t channels[]{0x4000, 0x4001, 0x4002, 0x4FFF, 0x3FFF, 0x5000};
constexpr std::uint32_t lifetimes[]{0, 1, 600, 700, 3600, 0xFFFFFFFF};

test::world_options small_world() {
  test::world_options options;
  options.server.relay_address = *ip_address::parse("10.0.0.100");
  options.server.requests_in_flight_max = 12;
  options.allocation.permissions_max = 3;
  options.allocation.channels_max = 2;
  options.pool = {.allocations_max = 4, .allocations_per_user_max = 2};
  options.last_port = static_cast<std::uint16_t>(options.first_port + 5);
  options.port_rest = seconds{30};
  return options;
}

class story {
public:
  explicit story(std::span<const std::uint8_t> told) : told_{told} {
    for (const auto* ours : {"192.0.2.100", "10.0.0.100"})
      world_.peers.ours.insert(*ip_address::parse(ours));
    world_.peers.refused.insert(*ip_address::parse("10.9.9.9"));
    world_.can_bind = [this](std::uint16_t) { return sockets_refused_ == 0 || sockets_refused_-- == 0; };
    for (auto& client : clients_)
      client.nonce = client.read(world_.receive(client, client.first_allocate()).reply.value())->nonce;
  }

  void tell() {
    for (int steps = 0; steps < 300 && !told_.empty(); ++steps) {
      step();
      check();
    }
    finish();
  }

private:
  void step() {
    auto& client = clients_[told_.below(std::size(clients_))];
    switch (told_.below(17)) {
    case 0:
      return submit(client, bare(client), false);
    case 1:
      return submit(client, allocate(client), may_allocate(client));
    case 2:
      return submit(client, client.refresh(told_.pick(lifetimes)), false);
    case 3:
      return submit(client, permit(client), false);
    case 4:
      return submit(client, bind(client), false);
    case 5:
      return submit(client, client.send(told_.pick(peers), "payload"), false);
    case 6:
      return send_channel_data(client);
    case 7:
      return receive_from_peer();
    case 8:
      return pass();
    case 9:
      world_.holds_answers = !world_.holds_answers;
      return;
    case 10:
      return lose();
    case 11:
      if (!world_.asked.empty())
        read(client, world_.answer_next(told_.next()));
      return;
    case 12:
      sockets_refused_ = told_.below(8);
      return;
    case 13: // Again.
      return submit(last_sender(), last_, may_allocate_again_);
    case 14:
      return submit_broken();
    case 15:
      return submit(client, told_.take(told_.below(64)), false);
    default:
      return change(client);
    }
  }

  void submit(turn_client& client, const bytes& datagram, bool may_allocate) {
    last_ = datagram;
    last_sender_ = static_cast<std::size_t>(&client - clients_);
    may_allocate_again_ = may_allocate;
    deliver(client, datagram, may_allocate);
  }

  void submit_broken() {
    if (last_.empty())
      return;
    auto broken = last_;
    auto& byte = broken[told_.next() % broken.size()];
    byte ^= static_cast<std::byte>(1U << told_.below(8));
    // Every byte of it was signed, but for a FINGERPRINT: with another type that is an attribute to ignore (RFC
    // 8489, 14.5).
    const auto sound = stun::message_view::parse(last_);
    const bool may_be_good = sound && sound->has_fingerprint();
    deliver(last_sender(), broken, may_be_good && may_allocate_again_);
  }

  void deliver(turn_client& client, const bytes& datagram, bool may_allocate) {
    const auto before = world_.server.allocations();
    const auto came = world_.receive(client, datagram);
    const bool is_new = world_.server.allocations() > before;
    require(may_allocate || !is_new);
    if (is_new)
      owners_[{client.at, client.listener}] = client.name;
    read(client, came);
    if (came.to_peer)
      check_forward(client, came);
    if (came.reply)
      check_owner(client, *came.reply);
  }

  /// A 5-tuple serves whose allocation it is, and nobody else.
  void check_owner(const turn_client& client, const bytes& reply) {
    const auto response = client.read(reply);
    if (response->kind == stun::message_class::success &&
        response->method != static_cast<std::uint16_t>(stun::method::binding))
      require(owners_.at({client.at, client.listener}) == client.name);
  }

  void send_channel_data(turn_client& client) {
    const auto came = world_.channel_data(client, turn_client::channel_data(told_.pick(channels), "payload"));
    if (came.to_peer)
      check_forward(client, came);
  }

  void check_forward(const turn_client& client, const test::outcome& came) {
    for (const auto& id : world_.ids())
      if (id.index == came.relay) {
        require(world_.client_of(id) == turn::five_tuple{client.at, client.listener});
        return require_permission(id, came.to_peer->first);
      }
    std::abort();
  }

  void receive_from_peer() {
    const auto ids = world_.ids();
    const auto peer = *endpoint::parse(told_.pick(peers));
    const auto payload = std::string(told_.below(9), 'x');
    if (ids.empty())
      return;
    const auto& id = ids[told_.next() % ids.size()];
    const auto got = world_.from_peer(id, peer, payload);
    if (!got)
      return;
    require_permission(id, peer);
    require(turn::parse_channel_data(*got).has_value() || stun::message_view::parse(*got).has_value());
  }

  void require_permission(const turn::allocation_id& id, endpoint peer) {
    if (peer.address == *ip_address::parse("10.0.0.100")) // As the client knows it.
      peer.address = *ip_address::parse("192.0.2.100");
    require(world_.ledger.permits(id, peer.address));
    require(world_.peers.judge(peer.address) == peer_verdict::any_port || world_.peers.is_relay_port(peer.port));
  }

  bytes allocate(turn_client& client) {
    const auto asked = told_.next();
    return client.request(stun::method::allocate, [&](message_writer& writer) {
      if ((asked & 0x07) != 7)
        writer.put_u32(attribute::requested_transport, (asked & 0x07) == 6 ? 6U << 24 : 17U << 24);
      if ((asked & 0x18) == 0x18)
        writer.put(attribute::even_port, std::array{static_cast<std::byte>(told_.next())});
      if ((asked & 0x30) == 0x30)
        writer.put(attribute::reservation_token, token_);
      if ((asked & 0x60) == 0x60) {
        const auto which = told_.below(2) ? attribute::requested_address_family : attribute::additional_address_family;
        writer.put_u32(which, static_cast<std::uint32_t>(told_.below(4)) << 24);
      }
      if ((asked & 0x81) == 0x81)
        writer.put_u32(attribute::lifetime, told_.pick(lifetimes));
      if ((asked & 0xC2) == 0xC2)
        writer.put(attribute::dont_fragment, {});
    });
  }

  // One byte a statement: compilers differ in which argument they make first.
  bytes bare(turn_client& client) {
    const auto which = told_.pick(methods_);
    return client.bare(which, told_.pick(kinds_));
  }

  bytes bind(turn_client& client) {
    const auto number = told_.pick(channels);
    return client.bind(number, told_.pick(peers));
  }

  bytes permit(turn_client& client) {
    return client.request(stun::method::create_permission, [&](message_writer& writer) {
      for (auto count = told_.below(5); count > 0; --count)
        writer.put_xor_address(attribute::xor_peer_address, *endpoint::parse(told_.pick(peers)));
      if (told_.below(16) == 15)
        writer.put_u32(static_cast<attribute>(told_.next()), 0);
    });
  }

  void pass() {
    constexpr milliseconds spans[]{milliseconds{1}, seconds{1},   seconds{29},  seconds{299},
                                   seconds{300},    seconds{600}, seconds{3601}};
    world_.pass(told_.pick(spans));
  }

  void lose() {
    const auto ids = world_.ids();
    if (!ids.empty())
      world_.lose(ids[told_.next() % ids.size()]);
  }

  void change(turn_client& client) {
    switch (told_.below(5)) {
    case 0:
      client.at = clients_[told_.below(std::size(clients_))].at; // Somebody else's, perhaps.
      return;
    case 1:
      client.listener = static_cast<std::uint8_t>(told_.below(2));
      return;
    case 2:
      client.nonce = clients_[told_.below(std::size(clients_))].nonce;
      return;
    case 3:
      client.how = told_.below(2) ? stun::integrity::sha1 : stun::integrity::sha256;
      return;
    default:
      client.with_fingerprint = !client.with_fingerprint;
    }
  }

  void read(turn_client& client, const test::outcome& came) {
    if (!came.reply)
      return;
    const auto response = client.read(*came.reply);
    require(response.has_value());
    require(response->kind == stun::message_class::success || response->kind == stun::message_class::error);
    if (!response->nonce.empty()) {
      require(came.reply->size() <= 96);
      client.nonce = response->nonce;
    }
    if (response->token)
      token_ = *response->token;
  }

  void check() {
    require(world_.server.permissions() == world_.ledger.permissions());
    require(world_.server.channels() == world_.ledger.channels());
    require(world_.server.allocations() == world_.ids().size());
    require(world_.pool.allocations() == world_.server.allocations());
    require(world_.server.allocations() <= 4 && world_.server.requests_in_flight() <= 12);
    const auto ids = world_.ids();
    const auto waiting = std::ranges::count_if(world_.asked, [&](const turn::ask& each) {
      return each.event.request != 0 && std::ranges::find(ids, each.id) != ids.end();
    });
    require(world_.server.requests_in_flight() == static_cast<std::size_t>(waiting));
  }

  /// Whatever was held is answered, whatever is left runs out, and there is nothing.
  void finish() {
    world_.holds_answers = false;
    while (!world_.asked.empty())
      (void)world_.answer_next();
    check();
    world_.pass(seconds{3600 + 1});
    check();
    require(world_.server.allocations() == 0 && world_.server.requests_in_flight() == 0);
    require(world_.server.permissions() == 0 && world_.server.channels() == 0);
    require(world_.pool.allocations() == 0 && world_.pool.identities() == 0);
  }

  [[nodiscard]] bool may_allocate(const turn_client& client) const { return &client != &clients_[4]; }
  turn_client& last_sender() { return clients_[last_sender_]; }

  static constexpr stun::method methods_[]{stun::method::binding,
                                           stun::method::allocate,
                                           stun::method::refresh,
                                           stun::method::send,
                                           stun::method::data,
                                           stun::method::channel_bind,
                                           stun::method::create_permission,
                                           static_cast<stun::method>(0xFFF)};
  static constexpr stun::message_class kinds_[]{stun::message_class::request, stun::message_class::indication,
                                                stun::message_class::success, stun::message_class::error};

  story_bytes told_;
  test::turn_world world_{small_world()};
  turn_client clients_[5]{{"198.51.100.1:5000", "alice", "alice secret"},
                          {"198.51.100.1:5001", "alice", "alice secret"},
                          {"198.51.100.2:5000", "bob", "bob secret"},
                          {"198.51.100.2:5001", "bob", "bob secret"},
                          {"198.51.100.1:5000", "alice", "guess"}}; // Alice's address, and not her password.
  bytes last_;
  std::size_t last_sender_ = 0;
  bool may_allocate_again_ = false;
  std::size_t sockets_refused_ = 0;
  turn::reservation_token token_{};
  std::map<std::pair<endpoint, std::uint8_t>, std::string> owners_; ///< Who made the last allocation of a 5-tuple.
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  story{{data, size}}.tell();
  return 0;
}
