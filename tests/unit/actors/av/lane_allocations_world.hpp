#pragma once
#include "actors/av/lane_allocations.hpp"
#include "actors/session_supervisor.hpp"
#include "tests/support/virtual_world.hpp"
#include "tests/unit/net/io/turn_world.hpp"

namespace sallyport::test {

/// One lane of the A/V Edge with real sockets and real actors; the lane's turns, the actors and the clock move only
/// when the test says so. At the end nothing may live.
class lane_allocations_world : public virtual_world {
protected:
  lane_allocations_world() {
    supervisor_ = system_.spawn(actors::session_supervisor, "av", &tally_);
    system_.registry().put(caf::atom("av"), supervisor_);
    settle();
    allocations_.serve(endpoint_);
    const endpoint place{loopback().address, 0};
    const auto opened = endpoint_.open(std::span{&place, 1});
    EXPECT_TRUE(opened && endpoint_.hear());
  }
  ~lane_allocations_world() override {
    endpoint_.close_all();
    allocations_.close();
    turn();
    EXPECT_EQ(node_.pool.allocations(), 0u);
    EXPECT_EQ(system_.registry().running(), 1u) << "the supervisor alone";
    EXPECT_EQ(lane_.counters().handler_failures.read(), failures_planted_);
    system_.registry().erase(caf::atom("av"));
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
    supervisor_ = nullptr;
    settle();
  }

  /// Lane and actors until neither has anything to do.
  void turn() {
    for (int i = 0; i < 10'000 && lane_.run_once(2ms) + settle() > 0; ++i)
      ;
  }
  template <class Wire>
  std::optional<udp_wire::heard> next(Wire& at) {
    turn();
    return at.receive();
  }
  turn_response ask(turn_wire& at, std::span<const std::byte> request) {
    at.send(request);
    const auto heard = next(at);
    const auto answer = heard ? at.client.read(heard->datagram) : std::nullopt;
    EXPECT_TRUE(answer);
    return answer.value_or(turn_response{.code = 999});
  }
  void introduce(turn_wire& at) { at.client.nonce = ask(at, at.client.first_allocate()).nonce; }
  turn_response allocate(turn_wire& at) {
    introduce(at);
    return ask(at, at.client.allocate());
  }
  turn_wire wire(const std::string& name = "ali") { return turn_wire{endpoint_.listeners().front(), name}; }
  [[nodiscard]] std::size_t actors() { return system_.registry().running() - 1; }
  const io::turn_counters& counters() const { return endpoint_.counters(); }

  std::uint64_t failures_planted_ = 0; ///< Handlers of the lane that were meant to fail.
  time_point now_{1h};
  turn_node node_;
  io::lane lane_{2, {}, [this] { return moment{.boot = now_}; }};
  io::inbox<actors::allocation_order> inbox_{1'024};
  actors::session_tally tally_;
  caf::actor supervisor_;
  actors::lane_allocations allocations_{system_, lane_, {}, inbox_};
  io::turn_endpoint endpoint_{lane_, node_.settings(), node_.pool, allocations_};
};

} // namespace sallyport::test
