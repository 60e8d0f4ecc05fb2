#include <poll.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/io/inbox.hpp"
#include "tests/unit/net/io/turn_world.hpp"

namespace sallyport::test {
namespace {

/// Where the machines of allocations run: a thread that is no lane, as actors are.
class actor_thread {
public:
  actor_thread() : thread_{[this] { run(); }} {}
  ~actor_thread() {
    post(nullptr);
    thread_.join();
  }
  void post(std::function<void()> work) {
    {
      const std::lock_guard guard{mutex_};
      queue_.push_back(std::move(work));
    }
    is_there_.notify_one();
  }

private:
  void run() {
    for (;;) {
      std::vector<std::function<void()>> taken;
      {
        std::unique_lock lock{mutex_};
        is_there_.wait(lock, [this] { return !queue_.empty(); });
        taken.swap(queue_);
      }
      for (const auto& work : taken) {
        if (!work)
          return;
        work();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable is_there_;
  std::vector<std::function<void()>> queue_;
  std::thread thread_;
};

/// One lane on a thread of its own with a TURN endpoint, whose answers come through an inbox.
class turn_lane final : private io::turn_user, private io::io_handler {
public:
  turn_lane(std::uint8_t index, turn_node& node, const endpoint& listener, actor_thread& actors)
    : actors_{actors}, lane_{index}, endpoint_{lane_, node.settings(), node.pool, as_user()} {
    EXPECT_TRUE(lane_.watch(answers_.wake_fd(), io::ready_to_read, *this, io::work::orders));
    const auto opened = endpoint_.open(std::span{&listener, 1});
    EXPECT_TRUE(opened) << opened.error();
  }
  ~turn_lane() { lane_.forget(answers_.wake_fd()); }

  [[nodiscard]] endpoint listener() const { return endpoint_.listeners().front(); }
  [[nodiscard]] const io::turn_counters& counters() const { return endpoint_.counters(); }
  [[nodiscard]] std::size_t timers() const { return lane_.timers(); }
  [[nodiscard]] std::uint64_t failures() const { return lane_.counters().handler_failures.read(); }

  void start() {
    EXPECT_TRUE(endpoint_.hear());
    thread_ = std::thread{[this] { lane_.run(); }};
  }
  void stop() {
    lane_.post([this] {
      endpoint_.close_all();
      lane_.stop();
    });
    thread_.join();
  }

private:
  struct answered {
    turn::allocation_id id;
    turn::allocation_answer answer;
  };

  io::turn_user& as_user() { return *this; }
  void on_open(const turn::allocation_id& id, turn::allocation_event&& first) override {
    actors_.post([this, id] { machines_.try_emplace(id, turn::allocation_limits{}); });
    on_event(id, std::move(first));
  }
  void on_event(const turn::allocation_id& id, turn::allocation_event&& event) override {
    actors_.post([this, id, now = lane_.now(), event = std::move(event)] {
      answers_.push({id, machines_.at(id).handle(now, event)});
    });
  }
  void on_ended(const turn::allocation_id& id) override {
    actors_.post([this, id] { machines_.erase(id); });
  }
  void on_ready(std::uint32_t) override {
    for (const auto& one : answers_.take())
      endpoint_.settle(one.id, one.answer);
  }

  actor_thread& actors_;
  std::map<turn::allocation_id, turn::allocation> machines_; // The actor thread's.
  io::inbox<answered> answers_{256};
  io::lane lane_;
  io::turn_endpoint endpoint_;
  std::thread thread_;
};

/// Waits for what comes next to a client or a peer, for at most 10 s.
template <class Wire>
udp_wire::heard next(Wire& at) {
  pollfd readable{.fd = at.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&readable, 1, 10'000), 1) << "nothing came";
  return at.receive().value_or(udp_wire::heard{});
}

turn_response ask(turn_wire& at, std::span<const std::byte> request) {
  at.send(request);
  return at.client.read(next(at).datagram).value_or(turn_response{.code = 999});
}

turn_response allocate(turn_wire& at) {
  at.client.nonce = ask(at, at.client.first_allocate()).nonce;
  return ask(at, at.client.allocate());
}

/// One client's whole life, with a peer of its own.
void live(const endpoint& listener, int packets) {
  turn_wire client{listener};
  udp_wire peer;
  ASSERT_EQ(allocate(client).code, 0u);
  ASSERT_EQ(ask(client, client.client.bind(0x4000, peer.local().text())).code, 0u);
  for (int i = 0; i < packets; ++i) {
    const auto text = "packet " + std::to_string(i);
    client.send(turn_client::channel_data(0x4000, text)); // The first directly behind the success.
    const auto up = next(peer);
    ASSERT_EQ(up.text(), text);
    peer.send(up.from, text);
    ASSERT_EQ(next(client).payload(), text);
  }
  ASSERT_EQ(ask(client, client.client.refresh(0)).code, 0u);
}

TEST(TurnLanes, InThreadsOfTheirOwnShareListenerAndPortsAndAskActorsElsewhere) {
  constexpr int threads = 3;
  constexpr int clients = 12; // Of each thread, one after the other.
  constexpr int packets = 20;
  // Made before there are threads, as the program does: ThreadSanitizer does not see into the packaged library, and
  // takes two lanes that write their first line at once for a race.
  ASSERT_NE(spdlog::default_logger_raw(), nullptr);
  turn_node node;
  auto actors = std::make_optional<actor_thread>();
  turn_lane first{1, node, loopback(), *actors};
  turn_lane second{2, node, first.listener(), *actors};
  first.start();
  second.start();

  std::vector<std::thread> users;
  for (int i = 0; i < threads; ++i)
    users.emplace_back([&] {
      for (int client = 0; client < clients; ++client)
        live(first.listener(), packets);
    });
  turn_wire stays{first.listener()}; // Is still there when everything closes.
  EXPECT_EQ(allocate(stays).code, 0u);
  for (auto& user : users)
    user.join();
  EXPECT_EQ(node.pool.allocations(), 1u);
  first.stop();
  second.stop();
  actors.reset();

  const auto sum = [&](io::counter io::turn_counters::*which) {
    return (first.counters().*which).read() + (second.counters().*which).read();
  };
  EXPECT_EQ(sum(&io::turn_counters::allocations_opened), std::uint64_t{threads * clients + 1});
  EXPECT_EQ(sum(&io::turn_counters::packets_to_peers), std::uint64_t{threads * clients * packets});
  EXPECT_EQ(sum(&io::turn_counters::packets_to_clients), std::uint64_t{threads * clients * packets});
  EXPECT_EQ(sum(&io::turn_counters::allocations), 0u);
  EXPECT_EQ(sum(&io::turn_counters::requests_in_flight), 0u);
  EXPECT_GT(first.counters().allocations_opened.read(), 0u);
  EXPECT_GT(second.counters().allocations_opened.read(), 0u);
  EXPECT_EQ(first.timers() + second.timers(), 0u);
  EXPECT_EQ(first.failures() + second.failures(), 0u);
  EXPECT_EQ(node.pool.allocations(), 0u);
}

} // namespace
} // namespace sallyport::test
