#include <sys/resource.h>

#include <limits>
#include <thread>
#include <tuple>

#include "net/io/listener.hpp"
#include "net/io/shared_admission.hpp"
#include "tests/unit/net/io/raw_tls_peer.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

class Listener : public world {
protected:
  std::uint64_t refused_by(verdict why) const { return lane_.counters().refused_by(why).read(); }
};

TEST_F(Listener, RefusesOneConnectionPastTheLimitOfItsLane) {
  listen({.local = {}, .lane_connections_max = 2});
  raw_peer first{listener_->local()};
  raw_peer second{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));

  raw_peer third{listener_->local()};
  ASSERT_TRUE(until([&] { return refused_by(verdict::lane_connections) == 1; }));
  EXPECT_EQ(third.receive(), std::nullopt);
  first.close();
  ASSERT_TRUE(until([&] { return acceptor_.users.front().closed.has_value(); }));
  raw_peer fourth{listener_->local()};
  EXPECT_TRUE(until([&] { return acceptor_.users.size() == 3; }));
}

TEST_F(Listener, TheOldestStrangerOfAFullLaneMakesRoomForANewOne) {
  listen({.local = {}, .unproved = unproved_limits{}, .lane_connections_max = 2});
  raw_peer oldest{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
  raw_peer middle{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));
  acceptor_.users.front().connection->prove();

  raw_peer newest{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 3; }));
  const auto& [first, second, third] =
    std::tie(*acceptor_.users.begin(), *std::next(acceptor_.users.begin()), acceptor_.users.back());
  EXPECT_FALSE(first.closed) << "it is a user's";
  EXPECT_EQ(second.closed, close_reason::displaced);
  EXPECT_FALSE(third.closed);
  EXPECT_EQ(refused_by(verdict::lane_connections), 0u);

  third.connection->prove();
  raw_peer late{listener_->local()};
  ASSERT_TRUE(until([&] { return refused_by(verdict::lane_connections) == 1; })) << "nobody is left to make room";
}

TEST_F(Listener, StrangersHaveNoMoreThanTheirPartOfTheLane) {
  listen({.local = {}, .unproved = unproved_limits{.connections_max = 2}});
  std::list<raw_peer> peers;
  for (std::size_t i = 1; i <= 3; ++i) {
    peers.emplace_back(listener_->local());
    ASSERT_TRUE(until([&] { return acceptor_.users.size() == i; }));
  }
  EXPECT_EQ(acceptor_.users.front().closed, close_reason::displaced);
  EXPECT_EQ(lane_.counters().unproved.read(), 2u);

  acceptor_.users.back().connection->prove();
  peers.emplace_back(listener_->local());
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 4; }));
  EXPECT_EQ(closed_by(close_reason::displaced), 1u) << "a user has left his place";
}

TEST_F(Listener, WhoOnlyConnectsTakesThePlacesOfThoseThatDidNoMore) {
  listen_tls({.certificates = {certificates::shared().server}}, {.unproved = unproved_limits{.connections_max = 3}});
  raw_tls_peer phone{listener_->local()};
  ASSERT_TRUE(until([&] { return phone.step() && !acceptor_.users.empty() && acceptor_.users.front().opens == 1; }));
  std::list<raw_peer> silent;
  for (std::size_t i = 1; i <= 6; ++i) {
    silent.emplace_back(listener_->local());
    ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1 + i; }));
  }

  EXPECT_FALSE(acceptor_.users.front().closed) << "it has paid for a handshake";
  EXPECT_EQ(std::next(acceptor_.users.begin())->closed, close_reason::displaced);
  EXPECT_EQ(closed_by(close_reason::displaced), 4u);
  EXPECT_EQ(lane_.counters().unproved.read(), 3u);
}

TEST_F(Listener, WhoHasDoneMoreThanConnectDoesNotKeepOthersFromIt) {
  listen_tls({.certificates = {certificates::shared().server}}, {.unproved = unproved_limits{.connections_max = 4}});
  std::list<raw_tls_peer> strangers;
  for (std::size_t i = 1; i <= 4; ++i) {
    auto& one = strangers.emplace_back(listener_->local());
    ASSERT_TRUE(until([&] { return one.step() && acceptor_.users.size() == i && acceptor_.users.back().opens == 1; }));
  }
  raw_tls_peer phone{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 5; }));
  EXPECT_EQ(acceptor_.users.front().closed, close_reason::displaced);
  raw_peer silent{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 6; }));

  EXPECT_TRUE(until([&] { return phone.step() && std::next(acceptor_.users.begin(), 4)->opens == 1; }));
  EXPECT_EQ(closed_by(close_reason::displaced), 2u);
}

TEST_F(Listener, WhoIsRefusedForItsSourceDisplacesNobody) {
  gate_ = source_limits{{.connections_max = 1}};
  listen({.local = {}, .unproved = unproved_limits{.connections_max = 1}});
  raw_peer first{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
  raw_peer second{listener_->local()};
  ASSERT_TRUE(until([&] { return refused_by(verdict::source_connections) == 1; }));
  EXPECT_FALSE(acceptor_.users.front().closed);
}

TEST_F(Listener, RefusesOneConnectionPastTheLimitOfASourceBeforeAnyTls) {
  gate_ = source_limits{{.connections_max = 1}};
  listen_tls();
  raw_peer first{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));

  raw_peer second{listener_->local()};
  ASSERT_TRUE(until([&] { return refused_by(verdict::source_connections) == 1; }));
  EXPECT_EQ(second.receive(), std::nullopt);
  EXPECT_EQ(lane_.counters().accepted.read(), 1u);
}

TEST_F(Listener, AConnectionThatProvedItselfMakesRoomForAnotherOfItsSource) {
  gate_ = source_limits{{.connections_max = 1}};
  listen();
  raw_peer first{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
  acceptor_.users.front().connection->prove();

  raw_peer second{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));
  EXPECT_EQ(gate_.connections(loopback().address), 1u);
  second.close();
  first.close();
  ASSERT_TRUE(until([&] { return acceptor_.users.front().closed && acceptor_.users.back().closed; }));
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
}

TEST_F(Listener, RefusesASourceThatConnectsTooFast) {
  gate_ = source_limits{{.new_connections = {.per_second = 1, .burst = 2}}};
  listen();
  std::list<raw_peer> peers;
  for (int i = 0; i < 3; ++i)
    peers.emplace_back(listener_->local());

  ASSERT_TRUE(until([&] { return refused_by(verdict::source_rate) == 1; }));
  EXPECT_EQ(acceptor_.users.size(), 2u);
}

/// Takes descriptors away from the process until it goes.
class fewer_files {
public:
  explicit fewer_files(rlim_t most) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &usual_), 0);
    const rlimit fewer{.rlim_cur = most, .rlim_max = usual_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
    // Those in use stay; the rest up to the limit are taken here.
    for (unique_fd taken{::dup(STDERR_FILENO)}; taken; taken = unique_fd{::dup(STDERR_FILENO)})
      taken_.push_back(std::move(taken));
  }
  ~fewer_files() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &usual_), 0); }

private:
  rlimit usual_{};
  std::list<unique_fd> taken_;
};

TEST_F(Listener, OutOfDescriptorsItTurnsConnectionsAwayAndServesTheOthers) {
  listen();
  raw_peer served{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
  raw_peer first{listener_->local()};
  raw_peer second{listener_->local()};
  const auto& refused = lane_.counters().refused_by(verdict::out_of_files);
  {
    const fewer_files none{128};
    EXPECT_TRUE(until([&] { return refused.read() == 2; }));
    EXPECT_EQ(first.receive(), std::nullopt);
    served.send("still served");
    EXPECT_TRUE(until([&] { return acceptor_.users.front().received == "still served"; }));
  }
  raw_peer after{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));
}

TEST_F(Listener, OutOfDescriptorsItsTurnEndsWithTheLastWhoWaited) {
  // So many that it would go on for minutes.
  listen({.local = {}, .accepts_per_turn = std::numeric_limits<unsigned>::max()});
  raw_peer waiting{listener_->local()};
  const fewer_files none{128};

  EXPECT_TRUE(until([&] { return refused_by(verdict::out_of_files) == 1; }));
}

TEST_F(Listener, WithoutEvenItsReservedDescriptorItPausesAndComesBack) {
  listen();
  raw_peer waiting{listener_->local()};
  {
    const fewer_files none{3}; // Below every number in use: giving one up gains nothing.
    EXPECT_TRUE(until([&] { return lane_.timers() == 1; }));
    EXPECT_EQ(lane_.run_once(0ms), 0u) << "awake for a connection it cannot take";
  }
  EXPECT_TRUE(acceptor_.users.empty());
  pass(listener::cooldown_without_files + timer_slots::tick);

  EXPECT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
}

TEST_F(Listener, AcceptsAsManyInATurnAsItMayAndNotOneMore) {
  listen({.local = {}, .accepts_per_turn = 2});
  std::list<raw_peer> peers;
  for (int i = 0; i < 16; ++i)
    peers.emplace_back(listener_->local());
  std::size_t most = 0;
  const auto turn = [&] {
    const auto before = acceptor_.users.size();
    lane_.run_once(10ms);
    most = std::max(most, acceptor_.users.size() - before);
  };

  ASSERT_TRUE(sallyport::test::turn_until([&] { return acceptor_.users.size() == peers.size(); }, turn));
  EXPECT_EQ(most, 2u);
}

TEST_F(Listener, LanesShareOnePort) {
  listen();
  lane other{1, {}, [this] { return moment{.boot = now_}; }};
  recording_acceptor others;
  auto second = listener::open(other, {.local = listener_->local()}, gate_, others);
  ASSERT_TRUE(second);
  std::list<raw_peer> peers;
  for (int i = 0; i < 64; ++i)
    peers.emplace_back(listener_->local());

  ASSERT_TRUE(until([&] {
    other.run_once(0ms);
    return acceptor_.users.size() + others.users.size() == 64;
  }));
  EXPECT_FALSE(acceptor_.users.empty());
  EXPECT_FALSE(others.users.empty());
  others.users.clear();
  other.run_once(0ms);
  EXPECT_EQ(other.counters().live.read(), 0u);
}

TEST_F(Listener, ListensOnIpv6) {
  listen({.local = {*ip_address::parse("::1"), 0}});
  auto [client, server] = open_both(connect_tcp());

  EXPECT_EQ(server.connection->peer().address, *ip_address::parse("::1"));
}

TEST_F(Listener, AnAddressThatIsNotOursIsAnErrorWithItsStep) {
  const auto opened = listener::open(lane_, {.local = {*ip_address::parse("192.0.2.1"), 0}}, gate_, acceptor_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().step, "bind");
  EXPECT_EQ(opened.error().text(), "bind: Cannot assign requested address");
}

TEST_F(Listener, OnceItIsGoneNobodyConnects) {
  listen();
  const auto remote = listener_->local();
  auto ends = open_both(connect_tcp());
  listener_.reset();
  connect_request request;
  request.remote = remote;
  auto& late = connect_with(request);

  ASSERT_TRUE(until([&] { return late.closed.has_value(); }));
  EXPECT_EQ(late.closed, close_reason::connect_refused);
  EXPECT_FALSE(ends.server.closed);
}

TEST_F(Listener, AnAcceptorMayDropAConnectionAtOnce) {
  struct dropping final : stream_acceptor {
    void on_stream(stream_ptr, std::span<const std::byte>) override {}
  } acceptor;
  auto opened = listener::open(lane_, {.local = loopback()}, gate_, acceptor);
  ASSERT_TRUE(opened);
  raw_peer peer{(*opened)->local()};

  ASSERT_TRUE(until([&] { return closed_by(close_reason::local_close) == 1; }));
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
}

TEST(SharedAdmission, CountsASourceOverAllLanes) {
  shared_admission gate{
    {.connections_max = 1'000'000, .new_connections = {.per_second = 1'000'000, .burst = 1'000'000}}};
  const auto source = loopback().address;
  {
    std::vector<std::jthread> lanes;
    for (int lane = 0; lane < 4; ++lane)
      lanes.emplace_back([&] {
        for (int i = 0; i < 1'000; ++i) {
          ASSERT_EQ(gate.admit(source, time_point{}), verdict::admitted);
          i % 2 ? gate.proved(source) : gate.released(source);
        }
      });
  }

  EXPECT_EQ(gate.sources(), 1u);
}

} // namespace
} // namespace sallyport::io::test
