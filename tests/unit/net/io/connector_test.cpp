#include "net/io/connector.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

class Connector : public world {};

TEST_F(Connector, LeavesFromTheAddressItIsGiven) {
  listen();
  connect_request request;
  request.local = ip_address::parse("127.0.0.9");
  auto [client, server] = open_both(connect_with(request));

  EXPECT_EQ(server.connection->peer().address, *request.local);
  EXPECT_EQ(client.connection->local(), server.connection->peer());
}

TEST_F(Connector, TellsARefusalFromTheRest) {
  listen();
  connect_request request;
  request.remote = listener_->local();
  listener_.reset();
  auto& refused = connect_with(request);
  EXPECT_FALSE(refused.closed) << "told before connect returned";
  ASSERT_TRUE(until([&] { return refused.closed.has_value(); }));
  EXPECT_EQ(refused.closed, close_reason::connect_refused);

  request.local = ip_address::parse("192.0.2.1"); // Not ours.
  auto& failed = connect_with(request);
  EXPECT_FALSE(failed.closed) << "told before connect returned";
  ASSERT_TRUE(until([&] { return failed.closed.has_value(); }));
  EXPECT_EQ(failed.closed, close_reason::connect_failed);
}

TEST_F(Connector, GivesUpWhenNobodyAnswers) {
  auto full = open_bound(loopback(), SOCK_STREAM);
  ASSERT_TRUE(full);
  ASSERT_EQ(::listen(full->get(), 0), 0);
  connect_request request;
  request.remote = local_endpoint(full->get());
  // The kernel drops what comes past the backlog, as a host that is off would.
  std::list<recorder*> clients;
  for (int i = 0; i < 4; ++i)
    clients.push_back(&connect_with(request));
  spin();
  pass(request.timeout - 1ms);
  auto& last = *clients.back();
  ASSERT_EQ(last.opens, 0);
  EXPECT_FALSE(last.closed);

  pass(1ms + timer_slots::tick);
  EXPECT_EQ(last.closed, close_reason::connect_timeout);
}

TEST_F(Connector, AServerThatNeverAnswersTheHandshakeTimesOut) {
  listen(); // Plain: it takes the ClientHello and says nothing.
  auto& client = connect_tls();
  pass(2s); // One time for TCP and TLS together: when TCP stood is no new beginning.
  ASSERT_TRUE(until([&] { return !acceptor_.users.empty() && !acceptor_.users.back().received.empty(); }));
  pass(connect_request{}.timeout - 2s - 1ms);
  EXPECT_FALSE(client.closed);

  pass(1ms + timer_slots::tick);
  EXPECT_EQ(client.closed, close_reason::handshake_timeout);
  EXPECT_EQ(client.opens, 0);
}

TEST_F(Connector, AServerThatSpeaksNoTlsIsToldFromABrokenOne) {
  listen();
  acceptor_.when_bytes = [](stream& connection, auto) { connection.send("SIP/2.0 400 Bad Request\r\n\r\n"); };
  auto& client = connect_tls();

  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed, close_reason::plain_text_on_tls);
}

TEST_F(Connector, DroppedWhileItConnectsItIsSilentlyGone) {
  listen_tls();
  auto& client = connect_tls();
  client.connection.reset();
  spin();

  EXPECT_FALSE(client.closed);
  EXPECT_EQ(client.opens, 0);
}

TEST_F(Connector, ClosedWhileItConnectsItReportsThatReason) {
  listen();
  auto& client = connect_tcp();
  client.connection->close(close_reason::local_shutdown);
  EXPECT_FALSE(client.closed);

  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed, close_reason::local_shutdown);
}

TEST_F(Connector, WithoutATimerThereIsNoConnection) {
  lane poor{0, {.timers_max = 0}, [this] { return moment{.boot = now_}; }};
  listen();
  recorder client;
  client.connection = connect(poor, {.remote = listener_->local()}, client);
  poor.run_once(0ms);

  EXPECT_EQ(client.closed, close_reason::local_resources);
  EXPECT_EQ(poor.counters().live.read(), 0u);
}

} // namespace
} // namespace sallyport::io::test
