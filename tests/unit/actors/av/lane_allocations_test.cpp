#include "actors/av/lane_allocations.hpp"
#include "actors/session_supervisor.hpp"
#include "tests/support/virtual_world.hpp"
#include "tests/unit/net/io/turn_world.hpp"

namespace sallyport::test {
namespace {

/// One lane of the A/V Edge with real sockets and real actors; the lane's turns, the actors and the clock move only
/// when the test says so.
class LaneAllocations : public virtual_world {
protected:
  LaneAllocations() {
    supervisor_ = system_.spawn(actors::session_supervisor, "av", &tally_);
    system_.registry().put(caf::atom("av"), supervisor_);
    settle();
    allocations_.serve(endpoint_);
    const endpoint place{loopback().address, 0};
    const auto opened = endpoint_.open(std::span{&place, 1});
    EXPECT_TRUE(opened && endpoint_.hear());
  }
  ~LaneAllocations() override {
    endpoint_.close_all();
    allocations_.close();
    turn();
    EXPECT_EQ(node_.pool.allocations(), 0u);
    EXPECT_EQ(system_.registry().running(), 1u) << "the supervisor alone";
    EXPECT_EQ(lane_.counters().handler_failures.read(), 0u);
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

  time_point now_{1h};
  turn_node node_;
  io::lane lane_{2, {}, [this] { return moment{.boot = now_}; }};
  io::inbox<actors::allocation_order> inbox_{1'024};
  actors::session_tally tally_;
  caf::actor supervisor_;
  actors::lane_allocations allocations_{system_, lane_, {}, inbox_};
  io::turn_endpoint endpoint_{lane_, node_.settings(), node_.pool, allocations_};
};

TEST_F(LaneAllocations, AnAllocationIsOneActorAndARepeatedAllocateMakesNoSecond) {
  auto ali = wire();
  introduce(ali);
  EXPECT_EQ(actors(), 0u) << "nobody yet";
  const auto request = ali.client.allocate();
  ali.send(request);
  ali.send(request); // Before its actor has answered.
  const auto first = next(ali);
  ASSERT_TRUE(first);
  EXPECT_FALSE(ali.receive()) << "the retransmission waits for the same answer";
  EXPECT_EQ(actors(), 1u);

  ali.send(request);
  const auto again = next(ali);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->datagram, first->datagram);
  EXPECT_EQ(ali.client.read(again->datagram)->code, 0u);
  EXPECT_EQ(actors(), 1u);
  EXPECT_EQ(counters().allocations_opened.read(), 1u);
}

TEST_F(LaneAllocations, WhatIsSentDirectlyBehindTheChannelsSuccessIsRelayed) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  udp_wire peer;
  ali.send(ali.client.bind(0x4000, peer.local().text()));
  ali.send(turn_client::channel_data(0x4000, "early")); // Its channel is not there yet: dropped, not kept.
  std::optional<udp_wire::heard> success;
  for (int i = 0; i < 1'000 && !success; ++i) { // Not a turn more than the success takes.
    lane_.run_once(1ms);
    settle();
    success = ali.receive();
  }
  ASSERT_TRUE(success);
  ASSERT_EQ(ali.client.read(success->datagram)->code, 0u);
  ali.send(turn_client::channel_data(0x4000, "behind it"));
  const auto heard = next(peer);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text(), "behind it");
  EXPECT_EQ(heard->from.address, node_.relay_address);
}

TEST_F(LaneAllocations, ALifetimeThatEndsEndsTheActor) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  now_ += 599s;
  turn();
  EXPECT_EQ(actors(), 1u);
  now_ += 2s;
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(ask(ali, ali.client.refresh(600)).code, 437u);
}

TEST_F(LaneAllocations, ARefreshToZeroEndsTheActor) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  EXPECT_EQ(ask(ali, ali.client.refresh(0)).code, 0u);
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_EQ(allocations_.lost().read(), 0u) << "it ended in order";
}

TEST_F(LaneAllocations, AnActorThatDiesTakesItsAllocationAlongAndNoOther) {
  auto ali = wire();
  auto ben = wire("ben");
  ASSERT_EQ(allocate(ali).code, 0u);
  ASSERT_EQ(allocate(ben).code, 0u);
  // A second `open_request` breaks the machine's invariant.
  io::turn_user& allocations = allocations_;
  allocations.on_event({.node = 3, .lane = 2, .index = 0, .generation = 1},
                       {.request = 0, .what = turn::open_request{}});
  turn();
  EXPECT_EQ(tally_.sessions_failed.load(), 1u);
  EXPECT_EQ(allocations_.lost().read(), 1u);
  EXPECT_EQ(actors(), 1u);
  EXPECT_EQ(counters().allocations.read(), 1u);
  EXPECT_EQ(ask(ali, ali.client.refresh(600)).code, 437u);
  EXPECT_EQ(ask(ben, ben.client.refresh(600)).code, 0u);
}

TEST_F(LaneAllocations, AnAnswerOfAnActorWhoseAllocationIsGoneChangesNothing) {
  auto ali = wire();
  ASSERT_EQ(allocate(ali).code, 0u);
  ali.send(ali.client.refresh(600));
  lane_.run_once(5ms); // The actor has it; nobody runs it yet.
  endpoint_.lost({.node = 3, .lane = 2, .index = 0, .generation = 1});
  turn();
  EXPECT_EQ(actors(), 0u);
  EXPECT_FALSE(ali.receive());
  EXPECT_EQ(counters().allocations.read(), 0u);
}

} // namespace
} // namespace sallyport::test
