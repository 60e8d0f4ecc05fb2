#include <sys/resource.h>

#include "net/io/turn_endpoint.hpp"
#include "tests/unit/net/io/turn_world.hpp"

namespace sallyport::test {
namespace {

using testing::ElementsAre;

constexpr std::uint16_t channel = 0x4001;

class TurnEndpoint : public turn_world {
protected:
  /// A peer that the client's allocation has a channel to.
  void bind(turn_wire& client, const endpoint& peer, std::uint16_t number = channel) {
    EXPECT_EQ(ask(client, client.client.bind(number, peer.text())).code, 0u);
  }
};

TEST_F(TurnEndpoint, AnswersABindingWithTheAddressItSaw) {
  open();
  turn_wire client{listener_};
  const auto bound = ask(client, client.client.bare(stun::method::binding));

  EXPECT_EQ(bound.mapped, client.local());
  EXPECT_EQ(counters().bindings.read(), 1u);
  EXPECT_EQ(counters().requests.read(), 1u);
  EXPECT_EQ(counters().answers.read(), 1u);
}

TEST_F(TurnEndpoint, CountsNoRequestThatCannotBeRead) {
  open();
  turn_wire client{listener_};
  auto without_cookie = client.client.bare(stun::method::binding);
  without_cookie[4] = std::byte{0};
  client.send(without_cookie);
  EXPECT_TRUE(ask(client, client.client.bare(stun::method::binding)).mapped);

  EXPECT_EQ(counters().bindings.read(), 1u);
  EXPECT_EQ(counters().requests.read(), 1u);
  EXPECT_EQ(counters().dropped_by(turn::drop_reason::not_stun).read(), 1u);
}

TEST_F(TurnEndpoint, ItsAllocationsAreOfItsLane) {
  open();
  turn_wire client{listener_};
  allocate(client);
  EXPECT_EQ(ask(client, client.client.refresh(0)).code, 0u);
  spin();

  ASSERT_EQ(user_.ended.size(), 1u);
  EXPECT_EQ(user_.ended.front().lane, lane_->index());
}

TEST_F(TurnEndpoint, AnswersOfOneBatchAreEachTheirOwn) {
  open();
  turn_wire first{listener_};
  turn_wire second{listener_};
  for (int i = 0; i < 50; ++i)
    for (auto* each : {&first, &second})
      each->send(each->client.bare(stun::method::binding));
  for (auto* each : {&first, &second})
    for (std::uint64_t i = 1; i <= 50; ++i) {
      const auto answer = each->client.read(next(*each).datagram);
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->mapped, each->local());
      EXPECT_EQ(big_endian_at<std::uint64_t>(answer->transaction.data() + 4), i);
    }
}

TEST_F(TurnEndpoint, RelaysThroughAChannelBothWays) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  const auto relay = relay_of(allocate(client));
  bind(client, peer.local());

  client.send(turn_client::channel_data(channel, "to the peer"));
  const auto up = next(peer);
  EXPECT_EQ(up.text(), "to the peer");
  EXPECT_EQ(up.from, relay);
  peer.send(relay, "to the client");
  EXPECT_EQ(next(client).payload(), "to the client");

  EXPECT_EQ(counters().packets_to_peers.read(), 1u);
  EXPECT_EQ(counters().bytes_to_peers.read(), 11u);
  EXPECT_EQ(counters().packets_to_clients.read(), 1u);
  EXPECT_GE(counters().bytes_to_clients.read(), 17u);
  EXPECT_EQ(counters().allocations.read(), 1u);
  EXPECT_EQ(counters().allocations_opened.read(), 1u);
  EXPECT_EQ(counters().permissions.read(), 1u);
  EXPECT_EQ(counters().channels.read(), 1u);
}

TEST_F(TurnEndpoint, RelaysIndicationsBothWays) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  const auto relay = relay_of(allocate(client));
  EXPECT_EQ(ask(client, client.client.permit({peer.local().address.text()})).code, 0u);

  client.send(client.client.send(peer.local().text(), "up"));
  EXPECT_EQ(next(peer).text(), "up");
  peer.send(relay, "down");
  EXPECT_EQ(next(client).indication(), "down from " + peer.local().text());
}

TEST_F(TurnEndpoint, RelaysAFullBatchInOrder) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  const auto relay = relay_of(allocate(client));
  bind(client, peer.local());

  constexpr int many = 150; // More than two batches.
  for (int i = 0; i < many; ++i) {
    client.send(turn_client::channel_data(channel, "up " + std::to_string(i)));
    peer.send(relay, "down " + std::to_string(i));
  }
  for (int i = 0; i < many; ++i) {
    EXPECT_EQ(next(peer).text(), "up " + std::to_string(i));
    EXPECT_EQ(next(client).payload(), "down " + std::to_string(i));
  }
  EXPECT_EQ(counters().packets_to_peers.read(), std::uint64_t{many});
  EXPECT_EQ(counters().packets_to_clients.read(), std::uint64_t{many});
}

TEST_F(TurnEndpoint, ClientsWhosePacketsComeMixedEachHaveTheirRelay) {
  open();
  turn_wire first{listener_};
  turn_wire second{listener_, "ben"};
  udp_wire peer;
  const auto first_relay = relay_of(allocate(first));
  const auto second_relay = relay_of(allocate(second));
  bind(first, peer.local());
  bind(second, peer.local());

  for (int i = 0; i < 40; ++i) {
    first.send(turn_client::channel_data(channel, "first"));
    second.send(turn_client::channel_data(channel, "second"));
  }
  for (int i = 0; i < 80; ++i) {
    const auto got = next(peer);
    EXPECT_EQ(got.from, got.text() == "first" ? first_relay : second_relay);
  }
}

TEST_F(TurnEndpoint, RelaysChannelDataSentDirectlyBehindTheSuccess) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  allocate(client);
  user_.answers_at_once = false; // The actor's answer comes later, as in the real node.
  client.send(client.client.bind(channel, peer.local().text()));
  ASSERT_TRUE(until([&] { return !user_.waiting.empty(); }));
  client.send(turn_client::channel_data(channel, "too early"));
  spin();
  user_.answer_waiting();
  std::optional<udp_wire::heard> success; // Read without turning the loop: the rows are true before it leaves.
  ASSERT_TRUE((success = client.receive()));
  EXPECT_EQ(client.client.read(success->datagram)->code, 0u);
  client.send(turn_client::channel_data(channel, "directly behind"));

  EXPECT_EQ(next(peer).text(), "directly behind");
  EXPECT_EQ(counters().dropped_by(turn::drop_reason::no_channel).read(), 1u);
}

TEST_F(TurnEndpoint, AnswersARepeatedAllocateAlikeAndOpensOnce) {
  open();
  turn_wire client{listener_};
  introduce(client);
  user_.answers_at_once = false;
  const auto request = client.client.allocate();
  client.send(request);
  client.send(request); // While its actor is being asked: silence.
  ASSERT_TRUE(until([&] { return !user_.waiting.empty(); }));
  spin();
  EXPECT_EQ(user_.waiting.size(), 1u);
  EXPECT_EQ(counters().requests_in_flight.read(), 1u);
  user_.answers_at_once = true;
  user_.answer_waiting();
  const auto first = next(client).datagram;

  client.send(request);
  EXPECT_EQ(next(client).datagram, first);
  EXPECT_EQ(client.client.read(first)->code, 0u);
  EXPECT_EQ(user_.opened.size(), 1u);
  EXPECT_EQ(ask(client, client.client.allocate()).code, 437u);
}

TEST_F(TurnEndpoint, OutOfPortsAnswers508AndServesTheOthers) {
  node_ = std::make_unique<turn_node>(20'000, 20'001);
  open();
  turn_wire first{listener_};
  turn_wire second{listener_};
  turn_wire third{listener_};
  udp_wire peer;
  allocate(first);
  allocate(second);

  EXPECT_EQ(allocate(third).code, 508u);
  EXPECT_EQ(count_of(counters().refused, "Insufficient Capacity"), 1u);
  bind(first, peer.local());
  first.send(turn_client::channel_data(channel, "still here"));
  EXPECT_EQ(next(peer).text(), "still here");
}

TEST_F(TurnEndpoint, TriesAnotherPortWhereOneIsTaken) {
  node_ = std::make_unique<turn_node>(20'000, 20'001);
  const udp_wire taken{{node_->relay_address, 20'000}};
  open();
  turn_wire client{listener_};
  turn_wire other{listener_};

  EXPECT_EQ(relay_of(allocate(client)).port, 20'001);
  EXPECT_EQ(allocate(other).code, 508u); // Only the taken one is left.
  EXPECT_EQ(user_.opened.size(), 1u);
}

TEST_F(TurnEndpoint, OutOfDescriptorsAnswers508AndRecovers) {
  node_ = std::make_unique<turn_node>(20'000, 20'000); // No port cools down meanwhile, not even the one that was drawn.
  open();
  turn_wire client{listener_};
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  auto none = usual;
  none.rlim_cur = static_cast<rlim_t>(io::open_exclusive(loopback(), SOCK_DGRAM)->get()); // The lowest that is free.
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto refused = allocate(client).code;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);

  EXPECT_EQ(refused, 508u);
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(ask(client, client.client.allocate()).code, 0u);
}

TEST_F(TurnEndpoint, DropsAndCountsAPeerWithoutPermission) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  udp_wire unpermitted{{address("127.0.0.5"), 0}};
  const auto relay = relay_of(allocate(client));
  bind(client, peer.local());

  unpermitted.send(relay, "let me in");
  peer.send(relay, "known");
  EXPECT_EQ(next(client).payload(), "known");
  EXPECT_EQ(counters().packets_to_clients.read(), 1u);
  EXPECT_EQ(sum_of(counters().dropped), 1u);
}

TEST_F(TurnEndpoint, NoncesFollowTheWallClockAndPermissionsTheOther) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  allocate(client);
  bind(client, peer.local());
  wall_set_ = 2h;
  EXPECT_EQ(ask(client, client.client.refresh(600)).code, 438u);
  client.send(turn_client::channel_data(channel, "still permitted"));
  EXPECT_EQ(next(peer).text(), "still permitted");

  wall_set_ = -300s;
  pass(300s);
  EXPECT_EQ(ask(client, client.client.refresh(600)).code, 0u);
  client.send(turn_client::channel_data(channel, "no more"));
  spin();
  EXPECT_EQ(counters().dropped_by(turn::drop_reason::no_permission).read(), 1u);
}

TEST_F(TurnEndpoint, RelaysFromRelayToRelayAtTheAnnouncedAddress) {
  open();
  turn_wire first{listener_};
  turn_wire second{listener_, "ben"};
  const auto first_relay = *allocate(first).relayed;
  const auto second_relay = *allocate(second).relayed;
  EXPECT_EQ(first_relay.address, node_->announced);
  bind(first, second_relay);
  EXPECT_EQ(ask(second, second.client.permit({first_relay.address.text()})).code, 0u);

  first.send(turn_client::channel_data(channel, "hairpin"));
  EXPECT_EQ(next(second).indication(), "hairpin from " + first_relay.text());
  second.send(second.client.send(first_relay.text(), "and back"));
  EXPECT_EQ(next(first).payload(), "and back");
}

TEST_F(TurnEndpoint, AnswersFromTheAddressThatWasAskedAtAWildcardListener) {
  open(address("0.0.0.0"));
  const endpoint asked{address("127.0.0.77"), listener_.port};
  turn_wire client{asked};
  udp_wire peer;
  introduce(client);
  client.send(client.client.allocate());
  const auto allocated = next(client);
  EXPECT_EQ(allocated.from, asked);
  bind(client, peer.local());
  peer.send(relay_of(*client.client.read(allocated.datagram)), "media");

  EXPECT_EQ(next(client).from, asked);
}

TEST_F(TurnEndpoint, ARefreshToZeroClosesTheSocket) {
  open();
  turn_wire client{listener_};
  const auto relay = relay_of(allocate(client));

  EXPECT_EQ(ask(client, client.client.refresh(0)).code, 0u);
  EXPECT_EQ(user_.ended, user_.opened);
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(lane_->timers(), 0u);
  EXPECT_TRUE(io::open_exclusive(relay, SOCK_DGRAM));
  EXPECT_EQ(ask(client, client.client.refresh(600)).code, 437u);
}

TEST_F(TurnEndpoint, ADataPacketBeforeTheRefreshToZeroInOneBatchIsRelayed) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  allocate(client);
  bind(client, peer.local());
  client.send(turn_client::channel_data(channel, "last words"));
  client.send(client.client.refresh(0));
  client.send(turn_client::channel_data(channel, "too late"));

  EXPECT_EQ(next(peer).text(), "last words");
  EXPECT_EQ(counters().packets_to_peers.read(), 1u);
}

TEST_F(TurnEndpoint, AnAllocationThatIsNotRefreshedEnds) {
  open();
  turn_wire client{listener_};
  udp_wire peer;
  allocate(client);
  bind(client, peer.local());
  EXPECT_EQ(lane_->timers(), 1u);

  pass(599s); // The permission has gone, the channel and the allocation have not.
  EXPECT_TRUE(user_.ended.empty());
  pass(2s);
  EXPECT_EQ(user_.ended, user_.opened);
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(counters().channels.read(), 0u);
  EXPECT_EQ(counters().permissions.read(), 0u);
  EXPECT_EQ(node_->pool.allocations(), 0u);
}

TEST_F(TurnEndpoint, AnActorThatIsSlowIsToldOfADeadlineOnce) {
  open();
  turn_wire client{listener_};
  allocate(client);
  user_.answers_at_once = false;
  client.send(client.client.refresh(600));
  ASSERT_TRUE(until([&] { return user_.waiting.size() == 1; }));
  pass(601s);
  pass(601s);
  EXPECT_EQ(user_.waiting.size(), 2u); // The refresh, the deadline.
  user_.answer_waiting();              // The first finds it expired; the second's answer is no longer wanted.
  spin();

  EXPECT_EQ(user_.ended, user_.opened);
}

TEST_F(TurnEndpoint, AnAnswerFromBeforeADeadlineDoesNotAskForItAgain) {
  open();
  turn_wire client{listener_};
  allocate(client);
  EXPECT_EQ(ask(client, client.client.permit({"127.0.0.1"})).code, 0u);
  user_.answers_at_once = false;
  client.send(client.client.refresh(600));
  ASSERT_TRUE(until([&] { return user_.waiting.size() == 1; }));
  const auto [id, refresh] = user_.waiting.front();
  user_.waiting.clear();
  const auto permission_ends = now_ + turn::allocation::permission_lifetime;
  pass(301s); // The permission's deadline is asked for; the refresh, answered before it, is still on its way.
  ASSERT_EQ(user_.waiting.size(), 1u);
  endpoint_->settle(id, {.request = refresh.request, .lifetime = 600s, .next_deadline = permission_ends});
  pass(1s);

  EXPECT_EQ(user_.waiting.size(), 1u);
  user_.answer_waiting();
  EXPECT_EQ(counters().permissions.read(), 0u);
  EXPECT_EQ(lane_->timers(), 1u); // The allocation's own.
}

TEST_F(TurnEndpoint, EndsAnAllocationWhoseActorIsLost) {
  open();
  turn_wire client{listener_};
  const auto relay = relay_of(allocate(client));
  const auto id = user_.opened.front();
  endpoint_->lost(id);
  endpoint_->lost(id);

  EXPECT_THAT(user_.ended, ElementsAre(id));
  EXPECT_TRUE(io::open_exclusive(relay, SOCK_DGRAM));
  endpoint_->settle(id, {.request = 0, .effects = {turn::permission_opened{loopback().address}}}); // On its way.
  EXPECT_EQ(counters().permissions.read(), 0u);
  EXPECT_EQ(lane_->timers(), 0u);
}

TEST_F(TurnEndpoint, AnAllocationWhoseActorCannotBeMadeDoesNotStay) {
  open();
  turn_wire client{listener_};
  introduce(client);
  const auto request = client.client.allocate();
  user_.is_broken = true;
  client.send(request);
  ASSERT_TRUE(until([&] { return user_.thrown == 1; }));
  EXPECT_EQ(user_.ended, user_.opened);
  EXPECT_EQ(node_->pool.allocations(), 0u);
  EXPECT_EQ(counters().requests_in_flight.read(), 0u);

  user_.is_broken = false;
  EXPECT_EQ(ask(client, request).code, 0u); // The client has asked again.
}

TEST_F(TurnEndpoint, AnAllocationWhoseActorCannotBeToldEnds) {
  open();
  turn_wire first{listener_};
  turn_wire second{listener_};
  allocate(first);
  allocate(second);
  user_.is_broken = true;
  first.send(first.client.refresh(600));
  ASSERT_TRUE(until([&] { return user_.thrown == 1; }));
  EXPECT_EQ(counters().allocations.read(), 1u);
  pass(601s); // The other's deadline.

  EXPECT_EQ(user_.ended, user_.opened);
  EXPECT_EQ(counters().allocations.read(), 0u);
}

TEST_F(TurnEndpoint, EndsAnAllocationThatHasNoTimer) {
  lane_ = std::make_unique<io::lane>(2, io::lane_limits{.timers_max = 1}, [this] { return this_moment(); });
  open();
  turn_wire first{listener_};
  turn_wire second{listener_};
  allocate(first);
  allocate(second);

  EXPECT_EQ(user_.ended, std::vector{user_.opened.back()});
  EXPECT_EQ(counters().allocations.read(), 1u);
}

TEST_F(TurnEndpoint, CloseAllEndsEveryAllocationAndShutsTheListeners) {
  open();
  std::vector<endpoint> places{listener_};
  std::vector<std::unique_ptr<turn_wire>> clients;
  for (int i = 0; i < 5; ++i) {
    clients.push_back(std::make_unique<turn_wire>(listener_));
    places.push_back(relay_of(allocate(*clients.back())));
  }
  endpoint_->close_all();

  EXPECT_EQ(user_.ended.size(), 5u);
  for (const auto& place : places)
    EXPECT_TRUE(io::open_exclusive(place, SOCK_DGRAM)) << place.text();
  EXPECT_EQ(counters().allocations.read(), 0u);
  EXPECT_EQ(node_->pool.allocations(), 0u);
  EXPECT_EQ(lane_->timers(), 0u);
}

TEST_F(TurnEndpoint, GarbageGetsNothing) {
  open();
  turn_wire client{listener_};
  client.send("");
  client.send("\x7fGET / HTTP/1.1");
  client.send(std::string(1, '\0'));
  client.send("\x40\x01");
  client.send(turn_client::channel_data(channel, "no allocation"));
  EXPECT_EQ(ask(client, client.client.bare(stun::method::binding)).code, 0u);

  EXPECT_EQ(sum_of(counters().dropped), 5u);
  EXPECT_EQ(counters().answers.read(), 1u);
}

TEST_F(TurnEndpoint, AListenerThatCannotBeHadIsAnError) {
  open();
  const endpoint elsewhere{address("192.0.2.1"), 3478};
  const auto opened = endpoint_->open(std::span{&elsewhere, 1});

  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error(), testing::StartsWith("192.0.2.1:3478: bind: "));
}

} // namespace
} // namespace sallyport::test
