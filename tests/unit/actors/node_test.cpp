#include "config/list_limits.hpp"
#include "net/io/cores.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/unit/actors/node_world.hpp"

namespace sallyport::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Node : public node_world {};

TEST_F(Node, ServesSipOverTlsOutsideAndStopsInOrder) {
  actors::node running{materials()};
  EXPECT_EQ(running.lane_count(), 2u);
  auto caller = phone();
  ASSERT_TRUE(caller.is_open());
  caller.send(request_text{.method = "INVITE"}.text());
  EXPECT_THAT(caller.receive(), StartsWith("SIP/2.0 403 "));

  running.stop();
  EXPECT_EQ(caller.receive(), "") << "closed in order";
  EXPECT_TRUE(is_free(outside()));
  EXPECT_TRUE(is_free(inside()));
  EXPECT_TRUE(is_free(*model_.metrics.listen));
}

TEST_F(Node, CarriesARegistrationToTheNextHopAndStopsWithItPending) {
  actors::node running{materials()};
  auto caller = phone();
  caller.send(request_text{.method = "REGISTER", .uri = "sip:localhost", .to = "<sip:alice@localhost>"}.text());
  wire registrar;
  std::string received;
  EXPECT_TRUE(comes_true([&] { return static_cast<bool>(registrar = next_hop_.accept()); }));
  EXPECT_TRUE(comes_true([&] { return !(received = registrar.take_message()).empty(); }));
  EXPECT_THAT(received, StartsWith("REGISTER "));
  running.stop(); // With an actor, two transactions and two connections alive.
}

TEST_F(Node, WithoutANumberOfLanesItHasOneForEachUsableCore) {
  model_.node.lanes = 0;
  model_.metrics.listen.reset(); // Nobody asks.
  actors::node running{materials()};
  EXPECT_EQ(running.lane_count(), std::min(io::usable_cores().size(), config::lanes_max));
  running.stop();
}

TEST_F(Node, StartsAgainOnTheSamePorts) {
  for (int life = 0; life < 3; ++life) {
    actors::node running{materials()};
    EXPECT_TRUE(phone().is_open());
    running.stop();
  }
}

TEST_F(Node, AnAddressThatIsTakenIsAnErrorThatNamesItAndLeavesNothingBehind) {
  const io::unique_fd squatter{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}; // Without SO_REUSEPORT.
  const io::socket_address at{inside()};
  ASSERT_EQ(::bind(squatter.get(), at.get(), at.bytes), 0);
  ASSERT_EQ(::listen(squatter.get(), 1), 0);
  try {
    actors::node running{materials()};
    ADD_FAILURE() << "it started";
    running.stop();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(inside().text()));
  }
  EXPECT_TRUE(is_free(outside()));
  EXPECT_TRUE(is_free(*model_.metrics.listen));
}

TEST_F(Node, AListenerOfAnotherNodeIsNotJoined) {
  const auto listener = model_.av->outside.listen.front();
  const auto neighbours = io::open_bound(listener, SOCK_DGRAM); // With SO_REUSEPORT, as its lanes have it.
  ASSERT_TRUE(neighbours);
  try {
    actors::node running{materials()};
    ADD_FAILURE() << "it started";
    running.stop();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(listener.text()));
  }
}

TEST_F(Node, WithoutAccessThereIsNoListenerNoActorOfItAndNoSecretIsNeeded) {
  const auto was_outside = outside();
  const auto was_inside = inside();
  model_.services = {};
  model_.access.reset();
  actors::node running{{.settings = model_, .identity = {.number = 1, .incarnation = 2}, .keys = {}, .tls = {}}};
  EXPECT_TRUE(is_free(was_outside));
  EXPECT_TRUE(is_free(was_inside));
  const auto shown = scrape(*model_.metrics.listen);
  EXPECT_THAT(shown, HasSubstr("sallyport_streams{lane=\"0\"} 0"));
  EXPECT_THAT(shown, Not(HasSubstr("sallyport_sessions{")));
  running.stop();
}

TEST_F(Node, WithoutAMetricsAddressNobodyListensThere) {
  const auto address = *model_.metrics.listen;
  model_.metrics.listen.reset();
  actors::node running{materials()};
  EXPECT_TRUE(is_free(address));
  EXPECT_TRUE(phone().is_open());
  running.stop();
}

TEST_F(Node, ServesItsMetricsAsPrometheusText) {
  actors::node running{materials()};
  auto caller = phone();
  caller.send("\r\n\r\n");
  EXPECT_EQ(caller.receive(), "\r\n");
  const auto shown = scrape(*model_.metrics.listen);
  EXPECT_THAT(shown, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(shown, HasSubstr("# TYPE sallyport_connections gauge"));
  EXPECT_THAT(shown, testing::ContainsRegex("sallyport_sip_pings_total\\{lane=\"[01]\"\\} 1"));
  running.stop();
}

TEST_F(Node, AConnectionAfterAReloadGetsTheNewCertificate) {
  actors::node running{materials()};
  auto before = phone();
  const tls::development_ca renewed;
  auto read = materials();
  read.tls.outside = std::make_shared<const tls::server_context>(
    tls::server_options{.certificates = {renewed.make({.names = {"localhost"}})}});
  running.renew(read);
  EXPECT_FALSE(phone().is_open()) << "of the former authority";
  EXPECT_TRUE((tls_phone{outside(), renewed}).is_open());
  before.send("\r\n\r\n");
  EXPECT_EQ(before.receive(), "\r\n") << "who is connected stays";
  running.stop();
}

TEST_F(Node, AReloadOfAFileWithoutAccessLeavesTheCertificatesInUse) {
  actors::node running{materials()};
  auto read = materials();
  read.settings.access.reset();
  read.tls = {};
  running.renew(read);
  EXPECT_TRUE(phone().is_open());
  running.stop();
}

TEST_F(Node, WhatAReloadTakesOverNeedsNoRestart) {
  actors::node running{materials()};
  auto read = model_;
  read.access->outside.certificates.push_back({"new.pem", "new.key"});
  read.access->inside.ca = "new.pem";
  read.av->users = "users.yaml";
  EXPECT_THAT(running.keys_for_restart(read), testing::IsEmpty());
  read.access->next_hop.tls_name = "other.example.org";
  EXPECT_THAT(running.keys_for_restart(read), testing::ElementsAre("access.next_hop.tls_name"));
  running.stop();
}

} // namespace
} // namespace sallyport::test
