#include <list>

#include "net/io/port.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

using testing::ElementsAre;

constexpr std::string_view binding_request{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8};

class Port : public world {
protected:
  Port() {
    slot_.swap(std::make_shared<const tls::server_context>(
      tls::server_options{.certificates = {certificates::shared().server, second_}}));
  }
  ~Port() override {
    clients_.clear();
    sip_.users.clear();
    turn_.users.clear();
    spin();
  }

  enum class is { tls, plain };
  port_options options(is kind = is::tls) {
    return {.listening = {.local = loopback(), .tls = kind == is::tls ? &slot_ : nullptr}, .gate = &gate_};
  }
  /// A port with SIP, and with TURN besides.
  port& open_both_services(const port_options& with) {
    auto& made = ports_.emplace_back(lane_, with);
    made.serve(stream_protocol::sip, proof::registration, sip_);
    made.serve(stream_protocol::stun, proof::allocation, turn_);
    EXPECT_TRUE(made.open());
    return made;
  }
  /// A port with SIP alone.
  port& open_sip(const port_options& with) {
    auto& made = ports_.emplace_back(lane_, with);
    made.serve(stream_protocol::sip, proof::registration, sip_);
    EXPECT_TRUE(made.open());
    return made;
  }

  recorder& client_of(const port& to, std::vector<std::string> alpn = {}, std::string name = "sip.example.org") {
    connect_request request;
    auto offered = trusting();
    offered.application_protocols = std::move(alpn);
    request.tls = std::make_shared<const tls::client_context>(offered);
    request.remote = to.local();
    request.server_name = std::move(name);
    auto& client = connect_with(request);
    EXPECT_TRUE(until([&] { return client.opens == 1; }));
    return client;
  }

  tls::certificate second_ = certificates::shared().ca.make({.names = {"turn.example.org"}});
  recording_acceptor sip_;
  recording_acceptor turn_;
  std::list<port> ports_;
};

TEST_F(Port, GivesTwoServicesOnOneAddressEachItsOwnConnections) {
  const auto& both = open_both_services(options());
  client_of(both).connection->send("OPTIONS sip:a SIP/2.0\r\n");
  client_of(both).connection->send(binding_request);

  ASSERT_TRUE(until([&] { return sip_.users.size() == 1 && turn_.users.size() == 1; }));
  EXPECT_EQ(sip_.users.back().received, "OPTIONS sip:a SIP/2.0\r\n");
  EXPECT_EQ(turn_.users.back().received, binding_request);
}

TEST_F(Port, ClosesAndCountsAProtocolThatNobodyServesThere) {
  const auto& both = open_both_services(options());
  auto& client = client_of(both);
  client.connection->send("GET /ws HTTP/1.1\r\n");

  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(closed_by(close_reason::service_absent), 1u);
}

TEST_F(Port, OffersTheAlpnOfItsOwnServices) {
  const std::vector<std::string> all{"h2", "http/1.1", "stun.turn", "sip/2"};
  const auto& both = open_both_services(options());
  const auto& other = open_sip(options()); // With the same certificates.
  EXPECT_EQ(client_of(both, all).connection->application_protocol(), "sip/2") << "our order, not the client's";
  EXPECT_EQ(client_of(both, {"http/1.1", "stun.turn"}).connection->application_protocol(), "stun.turn");
  EXPECT_EQ(client_of(both, {"http/1.1"}).connection->application_protocol(), "");
  EXPECT_EQ(client_of(other, {"http/1.1", "stun.turn"}).connection->application_protocol(), "");

  for (auto& client : clients_)
    client.connection->send("\x01");
  ASSERT_TRUE(until([&] { return sip_.users.size() == 1 && turn_.users.size() == 1; })) << "whatever the bytes are";
}

TEST_F(Port, OffersTheSameAlpnWhicheverCertificateTheServerNameChooses) {
  const auto& both = open_both_services(options());
  const auto& client = client_of(both, {"stun.turn"}, "turn.example.org");
  EXPECT_THAT(client.connection->peer_identity().dns_names, ElementsAre("turn.example.org"));
  EXPECT_EQ(client.connection->application_protocol(), "stun.turn");
}

TEST_F(Port, ACertificateThatIsRenewedChangesNothingOfItsAlpn) {
  const auto& both = open_both_services(options());
  slot_.swap(std::make_shared<const tls::server_context>(tls::server_options{.certificates = {second_}}));
  const auto& client = client_of(both, {"stun.turn"}, "turn.example.org");
  EXPECT_EQ(client.connection->application_protocol(), "stun.turn");
}

TEST_F(Port, OfOneServiceAloneHandsConnectionsOverBeforeTheyOpen) {
  auto alone = options();
  alone.is_shared = false;
  const auto& inside = open_sip(alone);
  raw_peer half_open{inside.local()};

  ASSERT_TRUE(until([&] { return sip_.users.size() == 1; }));
  EXPECT_EQ(sip_.users.back().opens, 0);
  auto& client = client_of(inside, {"sip/2"});
  EXPECT_EQ(client.connection->application_protocol(), "") << "there is nothing to choose";
  client.connection->send("\x01\x02");
  ASSERT_TRUE(until([&] { return sip_.users.back().received == "\x01\x02"; })) << "nobody judged it";
}

TEST_F(Port, CountsAProvedConnectionOnceByWhatProvesItThere) {
  const auto& both = open_both_services(options(is::plain));
  raw_peer phone{both.local()};
  phone.send("\r\n\r\n");
  raw_peer relay{both.local()};
  relay.send(binding_request);
  ASSERT_TRUE(until([&] { return sip_.users.size() == 1 && turn_.users.size() == 1; }));
  EXPECT_EQ(lane_.counters().proved_by(proof::registration).read(), 0u);

  turn_.users.back().connection->prove();
  turn_.users.back().connection->prove(); // Each refresh shows it again.
  EXPECT_EQ(lane_.counters().proved_by(proof::allocation).read(), 1u);
  EXPECT_EQ(lane_.counters().proved_by(proof::registration).read(), 0u);
  EXPECT_EQ(gate_.connections(loopback().address), 1u) << "the other one";
}

TEST_F(Port, ItsTimeToDecideIsSaid) {
  auto hasty = options(is::plain);
  hasty.decision_time = 700ms;
  const auto& both = open_both_services(hasty);
  raw_peer silent{both.local()};
  ASSERT_TRUE(until([&] { return lane_.counters().accepted.read() == 1; }));
  pass(600ms);
  EXPECT_EQ(closed_by(close_reason::protocol_timeout), 0u);
  pass(200ms);
  EXPECT_EQ(closed_by(close_reason::protocol_timeout), 1u);
}

TEST_F(Port, ClosedItLetsGoOfWhatHasNoServiceYetAndLeavesTheRestToTheServices) {
  auto& both = open_both_services(options());
  client_of(both, {"sip/2"}).connection->send("OPTIONS");
  ASSERT_TRUE(until([&] { return sip_.users.size() == 1; }));
  auto& undecided = client_of(both);
  const auto address = both.local();
  both.close();

  ASSERT_TRUE(until([&] { return undecided.closed.has_value(); }));
  EXPECT_EQ(closed_by(close_reason::local_shutdown), 1u);
  EXPECT_FALSE(sip_.users.back().closed);
  connect_request late;
  late.remote = address;
  auto& nobody = connect_with(late);
  ASSERT_TRUE(until([&] { return nobody.closed == close_reason::connect_refused; }));
}

TEST_F(Port, AnAddressThatIsNotOursIsAnError) {
  auto elsewhere = options();
  elsewhere.listening.local = {*ip_address::parse("192.0.2.1"), 0};
  port made{lane_, elsewhere};
  made.serve(stream_protocol::sip, proof::registration, sip_);
  const auto opened = made.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().text(), "bind: Cannot assign requested address");
}

} // namespace
} // namespace sallyport::io::test
