#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <stdexcept>

#include "net/io/stream.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

/// Every test runs over TCP and over TLS.
class Stream : public world, public testing::WithParamInterface<bool> {
protected:
  both_ends open_pair(stream_limits limits = {}) {
    listener_options options;
    options.streams = limits;
    options.unproved = unproved_;
    GetParam() ? listen_tls({.certificates = {certificates::shared().server}}, options) : listen(options);
    return open_both(GetParam() ? connect_tls() : connect_tcp());
  }

  /// Stops the client's reading, then sends until the server's own queue has begun to fill.
  void fill_sockets(both_ends ends) {
    const std::string block(10'000, 'x');
    ends.client.when_bytes = [](stream&, auto) { ADD_FAILURE() << "the client should not read"; };
    for (int i = 0; i < 10'000 && ends.server.connection->queued_bytes() == 0; ++i)
      ASSERT_TRUE(ends.server.connection->send(block));
    ASSERT_GT(ends.server.connection->queued_bytes(), 0u);
  }

  std::optional<unproved_limits> unproved_;
};

/// Takes all of a turn's time for streams, again and again.
class dear_work final : private io_handler {
public:
  dear_work(lane& home, time_point& clock) : lane_{home}, clock_{clock} {
    EXPECT_TRUE(lane_.watch(fd_.get(), EPOLLIN, *this, work::streams));
  }
  ~dear_work() { lane_.forget(fd_.get()); }

private:
  void on_ready(std::uint32_t) override { clock_ += 10s; }

  lane& lane_;
  time_point& clock_;
  unique_fd fd_{::eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC)};
};

INSTANTIATE_TEST_SUITE_P(Over, Stream, testing::Values(false, true),
                         [](const auto& tested) { return tested.param ? "Tls" : "Tcp"; });

TEST_P(Stream, CarriesBytesBothWaysAndClosesInOrder) {
  auto [client, server] = open_pair();
  EXPECT_EQ(server.connection->is_tls(), GetParam());
  EXPECT_EQ(server.connection->peer(), client.connection->local());
  EXPECT_EQ(server.connection->local(), client.connection->peer());
  client.connection->send("ping");
  ASSERT_TRUE(until([&] { return server.received == "ping"; }));
  server.connection->send("pong");
  ASSERT_TRUE(until([&] { return client.received == "pong"; }));

  client.connection->close(close_reason::local_close);
  EXPECT_FALSE(client.connection->send("late"));
  ASSERT_TRUE(until([&] { return client.closed && server.closed; }));
  EXPECT_EQ(client.closed, close_reason::local_close);
  EXPECT_EQ(server.closed, close_reason::peer_closed);
  EXPECT_EQ(lane_.counters().bytes_in.read(), 8u);
  EXPECT_EQ(lane_.counters().bytes_out.read(), 8u);
  EXPECT_EQ(lane_.counters().handshakes.read(), GetParam() ? 2u : 0u);
}

TEST_P(Stream, WhatCameBeforeADeadlineIsReadBeforeItIsJudged) {
  auto [client, server] = open_pair();
  spin();
  const dear_work first{lane_, now_};
  const dear_work second{lane_, now_};
  server.when_bytes = [](stream& connection, auto) { connection.clear_deadline(); };
  server.connection->set_deadline(now_ + 5s, close_reason::protocol_timeout);
  server.connection->set_idle_limit(7s);
  client.connection->send("in time");
  for (int turn = 0; turn < 6 && server.received.empty(); ++turn)
    lane_.run_once(0ms);
  EXPECT_EQ(server.received, "in time");
  EXPECT_FALSE(server.closed);
}

TEST_P(Stream, WhoHasNotSaidAllByItsDeadlineIsReadOnceMoreAndNoLonger) {
  auto [client, server] = open_pair();
  spin();
  const dear_work first{lane_, now_};
  const dear_work second{lane_, now_};
  server.when_bytes = [&](stream&, auto) { client.connection->send("and on"); };
  server.connection->set_deadline(now_ + 5s, close_reason::protocol_timeout);
  client.connection->send("on");
  for (int turn = 0; turn < 6; ++turn)
    lane_.run_once(0ms);
  EXPECT_EQ(server.received, "on");
  EXPECT_EQ(server.closed, close_reason::protocol_timeout);
}

TEST_P(Stream, ASlowReaderGetsEverythingInOrder) {
  auto [client, server] = open_pair({.write_queue_bytes_max = 32 << 20});
  std::string sent;
  for (int i = 0; i < 1'600'000; ++i)
    sent += std::to_string(i) + ' ';
  for (std::size_t at = 0; at < sent.size(); at += 30'001) // Many pieces, none aligned to a record.
    ASSERT_TRUE(server.connection->send(std::string_view{sent}.substr(at, 30'001)));
  EXPECT_GT(server.connection->queued_bytes(), 0u);

  ASSERT_TRUE(until([&] { return client.received.size() == sent.size(); }));
  EXPECT_TRUE(client.received == sent);
  EXPECT_EQ(server.connection->queued_bytes(), 0u);
}

TEST_P(Stream, OneByteMoreThanAStrangerMayHaveQueuedClosesIt) {
  constexpr std::size_t queue_max = 20'000;
  unproved_ = {.queue_bytes_max = queue_max};
  auto ends = open_pair({.write_queue_bytes_max = 50'000});
  fill_sockets(ends);
  auto& server = *ends.server.connection;
  ASSERT_TRUE(server.send(std::string(queue_max - server.queued_bytes(), 'x')));
  server.prove();
  ASSERT_TRUE(server.send("x")) << "of a user it takes more";

  server.unprove();
  EXPECT_TRUE(server.is_open()) << "what is queued stays";
  EXPECT_FALSE(server.send("x"));
  ends.client.when_bytes = nullptr;
  ASSERT_TRUE(until([&] { return ends.server.closed && ends.client.closed; }));
  EXPECT_EQ(ends.server.closed, close_reason::write_overflow);
}

TEST_P(Stream, WhatNobodyProvesInTimeIsClosed) {
  unproved_ = {.proof_timeout = 30s};
  auto [client, server] = open_pair();
  EXPECT_EQ(lane_.counters().unproved.read(), 1u);
  pass(29s);
  client.connection->send("busy as it is");
  ASSERT_TRUE(until([&] { return !server.received.empty(); }));
  EXPECT_FALSE(server.closed);
  pass(1s + timer_slots::tick);
  ASSERT_TRUE(until([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed, close_reason::proof_timeout);
  EXPECT_EQ(lane_.counters().unproved.read(), 0u);
}

TEST_P(Stream, ATimeToBeProvedEndsWithTheProofAndBeginsWithItsEnd) {
  unproved_ = {.proof_timeout = 30s};
  auto [client, server] = open_pair();
  pass(29s);
  server.connection->prove();
  EXPECT_FALSE(server.connection->is_unproved());
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
  pass(1h);
  server.connection->unprove();
  EXPECT_TRUE(server.connection->is_unproved());
  EXPECT_EQ(gate_.connections(loopback().address), 1u);
  pass(20s);
  server.connection->restart_proof_time();
  pass(29s);
  EXPECT_FALSE(server.closed);
  pass(1s + timer_slots::tick);
  ASSERT_TRUE(until([&] { return server.closed.has_value(); }));
  EXPECT_EQ(server.closed, close_reason::proof_timeout);
  EXPECT_EQ(gate_.connections(loopback().address), 0u);
}

TEST_P(Stream, AHandshakeThatNeverEndsIsNoWayAroundTheTimeToBeProved) {
  unproved_ = {.proof_timeout = 5s};
  open_pair({.handshake_timeout = 60s});
  raw_peer silent{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));
  pass(5s + timer_slots::tick);
  silent.close();
  EXPECT_TRUE(until([&] { return closed_by(close_reason::proof_timeout) == 2; }));
}

TEST_P(Stream, WhatASourceMayHaveQueuedAndBufferedIsOfAllItsStrangersTogether) {
  gate_ = source_limits{{.held_bytes_max = 3 * admission_ticket::step_bytes}};
  unproved_ = {.queue_bytes_max = 1 << 20};
  auto first = open_pair();
  auto second = open_both(GetParam() ? connect_tls() : connect_tcp());
  auto user = open_both(GetParam() ? connect_tls() : connect_tcp());
  user.server.connection->prove();
  user.server.connection->keeps(1 << 20);
  EXPECT_TRUE(user.server.connection->is_open()) << "a user's counts for nobody";

  first.server.connection->keeps(2 * admission_ticket::step_bytes);
  second.server.connection->keeps(1);
  EXPECT_TRUE(first.server.connection->is_open() && second.server.connection->is_open());
  first.server.connection->keeps(0);
  fill_sockets(second);
  EXPECT_TRUE(second.server.connection->is_open()) << "within three steps";
  first.server.connection->keeps(3 * admission_ticket::step_bytes);
  EXPECT_FALSE(first.server.connection->is_open());
  second.client.when_bytes = nullptr;
  ASSERT_TRUE(until([&] { return first.server.closed.has_value(); }));
  EXPECT_EQ(first.server.closed, close_reason::source_bytes);
}

TEST_P(Stream, OneBytePastItsWriteQueueClosesIt) {
  constexpr std::size_t queue_max = 50'000;
  auto ends = open_pair({.write_queue_bytes_max = queue_max});
  fill_sockets(ends);
  auto& server = *ends.server.connection;
  ASSERT_TRUE(server.send(std::string(queue_max - server.queued_bytes(), 'x')));
  ASSERT_EQ(server.queued_bytes(), queue_max);

  EXPECT_FALSE(server.send("x"));
  EXPECT_FALSE(ends.server.closed) << "told within its own call";
  EXPECT_FALSE(server.is_open());
  EXPECT_EQ(server.is_tls(), GetParam()) << "what came over TLS came over TLS";
  EXPECT_FALSE(server.peer_identity().is_verified);
  ends.client.when_bytes = nullptr;
  ASSERT_TRUE(until([&] { return ends.server.closed && ends.client.closed; }));
  EXPECT_EQ(ends.server.closed, close_reason::write_overflow);
  EXPECT_EQ(closed_by(close_reason::write_overflow), 1u);
}

TEST_P(Stream, CloseSendsWhatIsQueuedFirst) {
  auto ends = open_pair({.write_queue_bytes_max = 32 << 20});
  const std::string sent(8 << 20, 'x');
  ASSERT_TRUE(ends.server.connection->send(sent));
  ASSERT_GT(ends.server.connection->queued_bytes(), 0u);

  ends.server.connection->close(close_reason::overload);
  ASSERT_TRUE(until([&] { return ends.server.closed && ends.client.closed; }));
  EXPECT_EQ(ends.client.received.size(), sent.size());
  EXPECT_EQ(ends.client.closed, close_reason::peer_closed);
  EXPECT_EQ(ends.server.closed, close_reason::overload);
}

TEST_P(Stream, CloseWaitsForAPeerThatDoesNotReadNoLongerThanItsLinger) {
  listener_options options;
  options.streams = {.write_queue_bytes_max = 32 << 20};
  listen(options);
  raw_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; }));
  auto& server = acceptor_.users.back();
  ASSERT_TRUE(server.connection->send(std::string(16 << 20, 'x')));

  server.connection->close(close_reason::local_shutdown);
  pass(options.streams.linger - 20ms);
  EXPECT_FALSE(server.closed);
  pass(30ms);
  EXPECT_EQ(server.closed, close_reason::local_shutdown);
}

TEST_P(Stream, AResetInTheMiddleEndsIt) {
  auto ends = open_pair();
  ends.client.connection->send("half a mess");
  ASSERT_TRUE(until([&] { return !ends.server.received.empty(); }));
  ends.server.connection->send("never read"); // Unread bytes make the close below a reset.
  const auto fd_owner = std::move(ends.client.connection);
  fd_owner->abort(close_reason::local_close);

  ASSERT_TRUE(until([&] { return ends.server.closed.has_value(); }));
  EXPECT_EQ(ends.server.closed, close_reason::reset);
}

TEST_P(Stream, SilenceForItsIdleLimitClosesItAndBytesPutThatOff) {
  auto [client, server] = open_pair();
  server.connection->set_idle_limit(30s);
  pass(29s);
  client.connection->send("\r\n\r\n");
  ASSERT_TRUE(until([&] { return !server.received.empty(); }));
  pass(29s);
  EXPECT_FALSE(server.closed);

  pass(2s);
  ASSERT_TRUE(until([&] { return server.closed && client.closed; }));
  EXPECT_EQ(server.closed, close_reason::idle);
}

TEST_P(Stream, ADeadlineAbortsItUnlessItIsCleared) {
  auto [client, server] = open_pair();
  server.connection->set_deadline(now_ + 5s, close_reason::protocol_timeout);
  server.connection->clear_deadline();
  pass(10s);
  EXPECT_FALSE(server.closed);

  server.connection->set_deadline(now_ + 5s, close_reason::protocol_timeout);
  server.connection->set_deadline(now_ + 2s, close_reason::overload); // Set anew: the last counts.
  pass(2s + timer_slots::tick);
  EXPECT_EQ(server.closed, close_reason::overload);
}

TEST_P(Stream, MayBeDroppedInItsOwnCallbacks) {
  auto [client, server] = open_pair();
  auto& dropped = server;
  server.when_bytes = [&](stream&, auto) { dropped.connection.reset(); };
  client.connection->send("bye");

  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_FALSE(server.closed) << "no callback follows a drop";
  acceptor_.when_open = [&](stream&) { acceptor_.users.back().connection.reset(); };
  auto& other = GetParam() ? connect_tls() : connect_tcp();
  ASSERT_TRUE(until([&] { return other.closed.has_value(); }));
}

TEST_P(Stream, AThrowingUserEndsItsOwnStreamOnly) {
  auto [client, server] = open_pair();
  auto& other = GetParam() ? connect_tls() : connect_tcp();
  ASSERT_TRUE(
    until([&] { return other.opens == 1 && acceptor_.users.size() == 2 && acceptor_.users.back().opens == 1; }));
  server.when_bytes = [](stream&, auto) { throw std::runtime_error{"planted"}; };
  client.connection->send("x");
  other.connection->send("y");

  ASSERT_TRUE(until([&] { return server.closed && acceptor_.users.back().received == "y"; }));
  EXPECT_EQ(server.closed, close_reason::internal_error);
  EXPECT_EQ(lane_.counters().handler_failures.read(), 1u);
}

TEST_P(Stream, ReadsNoMoreThanItsShareInOneTurn) {
  auto [client, server] = open_pair({.read_bytes_per_turn = 20'000});
  std::size_t this_turn = 0;
  std::size_t most = 0;
  server.when_bytes = [&](stream& connection, auto bytes) {
    if (this_turn == 0)
      connection.home().defer([&] { this_turn = 0; });
    most = std::max(most, this_turn += bytes.size());
  };
  const std::string sent(200'000, 'x');
  ASSERT_TRUE(client.connection->send(sent));

  ASSERT_TRUE(until([&] { return server.received.size() == sent.size(); }));
  EXPECT_LE(most, 20'000u);
}

TEST_P(Stream, ManySmallRecordsAreNoLongTurn) {
  constexpr std::size_t reads_per_turn = 20;
  auto [client, server] = open_pair({.read_bytes_per_turn = reads_per_turn * record_watch::record_cost_bytes_min});
  std::size_t this_turn = 0;
  std::size_t most = 0;
  server.when_bytes = [&](stream& connection, auto) {
    if (this_turn == 0)
      connection.home().defer([&] { this_turn = 0; });
    most = std::max(most, ++this_turn);
  };
  constexpr std::size_t many = 1'000;
  for (std::size_t i = 0; i < many; ++i) // Each is a record of its own; they wait in the socket together.
    ASSERT_TRUE(client.connection->send("x"));

  ASSERT_TRUE(until([&] { return server.received.size() == many; }));
  EXPECT_LE(most, reads_per_turn);
}

TEST_P(Stream, AnswersWithinTheCallbackThatBroughtTheQuestion) {
  auto [client, server] = open_pair();
  server.when_bytes = [](stream& connection, auto bytes) {
    connection.send(bytes);
    connection.close(close_reason::local_close);
  };
  client.connection->send("echo");

  ASSERT_TRUE(until([&] { return client.closed && server.closed; }));
  EXPECT_EQ(client.received, "echo");
  EXPECT_EQ(client.closed, close_reason::peer_closed);
}

TEST_P(Stream, ManyOfThemComeAndGo) {
  GetParam() ? listen_tls() : listen();
  constexpr std::size_t many = 200;
  acceptor_.when_bytes = [](stream& connection, auto bytes) { connection.send(bytes); };
  const auto context = std::make_shared<const tls::client_context>(trusting());
  for (std::size_t i = 0; i < many; ++i) {
    connect_request request;
    request.tls = GetParam() ? context : nullptr;
    auto& client = connect_with(std::move(request));
    client.when_open = [i](stream& connection) { connection.send(std::to_string(i)); };
    client.when_bytes = [](stream& connection, auto) { connection.close(close_reason::local_close); };
  }

  ASSERT_TRUE(until([&] {
    return std::ranges::all_of(clients_, [](const auto& user) { return user.closed.has_value(); }) &&
           std::ranges::all_of(acceptor_.users, [](const auto& user) { return user.closed.has_value(); });
  }));
  EXPECT_EQ(lane_.counters().accepted.read(), many);
  EXPECT_EQ(lane_.counters().connected.read(), many);
  EXPECT_EQ(closed_by(close_reason::local_close), many);
  std::size_t i = 0;
  for (const auto& client : clients_)
    EXPECT_EQ(client.received, std::to_string(i++));
}

TEST(WriteQueue, HoldsNoMemoryOnceItIsEmpty) {
  write_queue queue;
  queue.append(std::as_bytes(std::span{"abcdef", 6}));
  queue.consume(4);
  EXPECT_EQ(text_of(queue.front()), "ef");
  queue.append(std::as_bytes(std::span{"gh", 2}));
  EXPECT_EQ(text_of(queue.front()), "efgh");
  EXPECT_EQ(queue.size(), 4u);

  queue.consume(4);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size(), 0u);
}

} // namespace
} // namespace sallyport::io::test
