#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/io/shared_relay_pool.hpp"
#include "net/io/turn_endpoint.hpp"
#include "net/turn/allocation.hpp"
#include "tests/support/reasons.hpp"
#include "tests/support/turn_until.hpp"
#include "tests/unit/net/io/turn_wire.hpp"

namespace sallyport::test {

inline ip_address address(std::string_view text) {
  return *ip_address::parse(text);
}

/// Loopback may be a peer here; the relay's own addresses at relay ports.
struct loopback_peers final : peer_filter {
  explicit loopback_peers(std::vector<ip_address> relays) : relays_{std::move(relays)} {}
  [[nodiscard]] peer_verdict judge(const ip_address& peer) const noexcept override {
    if (std::ranges::find(relays_, peer) != relays_.end())
      return peer_verdict::relay_ports_only;
    return peer.is_loopback() ? peer_verdict::any_port : peer_verdict::refused;
  }
  [[nodiscard]] bool is_relay_port(std::uint16_t port) const noexcept override { return port >= first && port <= last; }

  static constexpr std::uint16_t first = 20'000;
  static constexpr std::uint16_t last = 29'999;

private:
  std::vector<ip_address> relays_;
};

/// What several lanes share.
struct turn_node {
  /// Of this process alone: tests run side by side, and relays have fixed ports.
  static ip_address own_loopback() {
    const auto pid = static_cast<std::uint32_t>(::getpid());
    return ip_address::v4(0x7F400000U | (pid & 0x1FFFFFU));
  }

  explicit turn_node(std::uint16_t first = loopback_peers::first, std::uint16_t last = loopback_peers::last)
    : pool{turn::relay_quotas{turn::relay_ports{first, last, 2min}, {.allocations_per_user_max = 1'000}, {5, 6}}} {}

  [[nodiscard]] io::turn_settings settings() {
    constexpr std::array<std::uint8_t, secret_key::size_bytes> key{7};
    const auto hash = std::make_shared<const keyed_hash>(secret_key{key});
    std::vector<turn::static_user> users;
    for (const std::string name : {"ali", "ben"})
      users.push_back({name, stun::make_long_term_key(name, realm, turn_wire::password), {}});
    return {.server = {.node = 3,
                       .relay_address = relay_address,
                       .announced = announced,
                       .requests_in_flight_max = 64,
                       .table_hash = {1, 2}},
            .who = {std::make_shared<const turn::credentials>(std::string{realm}, users, std::vector<std::string>{}),
                    std::make_shared<const turn::nonces>(hash, nullptr, 1h)},
            .peers = {std::shared_ptr<void>{}, &peers},
            .random = [bits = siphash{3, 4}, drawn = std::uint64_t{0}]() mutable {
              ++drawn;
              return std::uint64_t{bits({reinterpret_cast<const char*>(&drawn), sizeof drawn})};
            }};
  }

  static constexpr std::string_view realm = "edge.example";
  ip_address relay_address = own_loopback();
  ip_address announced = address("192.0.2.99");
  loopback_peers peers{{relay_address, announced}};
  io::shared_relay_pool pool;
};

/// Keeps the machines of allocations and answers from within the call, as long as it is told to.
class answering_user final : public io::turn_user {
public:
  void on_open(const turn::allocation_id& id, turn::allocation_event&& first) override;
  void on_event(const turn::allocation_id& id, turn::allocation_event&& event) override;
  void on_ended(const turn::allocation_id& id) override;

  void answer_waiting();

  io::turn_endpoint* endpoint = nullptr;
  std::function<time_point()> now;
  bool answers_at_once = true;
  bool is_broken = false; ///< Throws whatever it is told.
  std::uint64_t thrown = 0;
  std::vector<std::pair<turn::allocation_id, turn::allocation_event>> waiting;
  std::vector<turn::allocation_id> opened;
  std::vector<turn::allocation_id> ended;

private:
  void throw_if_broken();
  void take(const turn::allocation_id& id, turn::allocation_event&& event);
  void answer(const turn::allocation_id& id, const turn::allocation_event& event);

  std::map<turn::allocation_id, turn::allocation> machines_;
};

/// One lane with a TURN endpoint on real sockets, run by the test's own thread, whose clock moves only when the test
/// says so. At the end nothing may live.
class turn_world : public testing::Test {
protected:
  turn_world();
  ~turn_world() override;

  /// Whatever differs from the usual is set before.
  void open(const ip_address& listener = loopback().address);

  template <class Condition>
  [[nodiscard]] bool until(Condition&& is_done) {
    return turn_until(is_done, [this] { lane_->run_once(5ms); });
  }
  /// Turns the loop until nothing more is ready.
  void spin();
  void pass(milliseconds span);

  /// What comes next to a client or a peer.
  template <class Wire>
  udp_wire::heard next(Wire& at) {
    std::optional<udp_wire::heard> got;
    EXPECT_TRUE(until([&] { return (got = at.receive()).has_value(); })) << "nothing came";
    return got.value_or(udp_wire::heard{});
  }
  turn_response ask(turn_wire& at, std::span<const std::byte> request);
  /// What a client does first: it is told a nonce.
  void introduce(turn_wire& at);
  turn_response allocate(turn_wire& at);
  /// Where its socket is.
  endpoint relay_of(const turn_response& allocated) const;
  const io::turn_counters& counters() const { return endpoint_->counters(); }

  [[nodiscard]] moment this_moment() const {
    return {.boot = now_, .wall = wall_time{seconds{1'900'000'000}} + now_.time_since_epoch() + wall_set_};
  }

  time_point now_{std::chrono::hours{1}};
  seconds wall_set_{0}; ///< By how much somebody has set the wall clock.
  std::unique_ptr<io::lane> lane_ = std::make_unique<io::lane>(2, io::lane_limits{}, [this] { return this_moment(); });
  std::unique_ptr<turn_node> node_ = std::make_unique<turn_node>();
  std::optional<io::turn_settings> settings_;
  answering_user user_;
  std::unique_ptr<io::turn_endpoint> endpoint_;
  endpoint listener_;
};

} // namespace sallyport::test
