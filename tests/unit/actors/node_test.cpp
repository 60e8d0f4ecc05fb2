#include <gmock/gmock.h>

#include "actors/node.hpp"
#include "config/dev.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/development_ca.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A TLS client that waits for what it expects: the node runs in threads of its own.
class tls_phone {
public:
  tls_phone(const endpoint& remote, const tls::development_ca& authority) {
    const tls::client_context context{{.peers = authority.as_trust(), .own = {}, .application_protocols = {}}};
    fd_ = io::unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const io::socket_address to{remote};
    EXPECT_EQ(::connect(fd_.get(), to.get(), to.bytes), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    tls_ = context.make_connection(fd_.get(), "localhost");
    is_open_ = SSL_do_handshake(tls_.get()) == 1;
  }

  [[nodiscard]] bool is_open() const { return is_open_; }
  void send(std::string_view text) { SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())); }
  /// What comes next; empty when the node has closed.
  std::string receive() {
    std::array<char, 4'096> buffer;
    const auto got = SSL_read(tls_.get(), buffer.data(), buffer.size());
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

private:
  io::unique_fd fd_;
  tls::ssl_ptr tls_;
  bool is_open_ = false;
};

/// A whole node in this process, on free ports of loopback.
class Node : public testing::Test {
protected:
  Node() {
    auto& access = *model_.access;
    access.outside.listen = {free_address()};
    access.inside.listen = free_address();
    access.next_hop.address = next_hop_.local();
    model_.av->outside.listen = {free_address(SOCK_DGRAM)};
    model_.metrics.listen = free_address();
    model_.node.lanes = 2;
  }

  /// An address that nobody listens on.
  static endpoint free_address(int type = SOCK_STREAM) {
    const io::unique_fd probe{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    const io::socket_address any{loopback()};
    EXPECT_EQ(::bind(probe.get(), any.get(), any.bytes), 0);
    return io::local_endpoint(probe.get());
  }
  static bool is_free(const endpoint& address) {
    const io::unique_fd probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    constexpr int on = 1; // What of a former run still lingers does not count: a listener does.
    ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const io::socket_address to{address};
    return ::bind(probe.get(), to.get(), to.bytes) == 0;
  }

  [[nodiscard]] actors::node::materials materials() const {
    tls::server_options outside{.certificates = {authority_.make({.names = {"localhost"}})}};
    return {.settings = model_,
            .identity = {.number = 1, .incarnation = 2},
            .keys = *actors::derive_pool_keys({std::string(32, 's')}),
            .tls = {.outside = std::make_shared<const tls::server_context>(std::move(outside)),
                    .inside = {},
                    .next_hop = {}}};
  }
  [[nodiscard]] tls_phone phone() const { return {outside(), authority_}; }
  [[nodiscard]] const endpoint& outside() const { return model_.access->outside.listen.front(); }
  [[nodiscard]] const endpoint& inside() const { return model_.access->inside.listen; }

  /// One HTTP GET, whole.
  static std::string scrape(const endpoint& address) {
    wire client{address};
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    std::string got;
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!client.is_closed() && std::chrono::steady_clock::now() < give_up)
      got += client.take();
    return got + client.take();
  }

  wire_listener next_hop_;
  tls::development_ca authority_;
  config::model model_ = config::development_model();
};

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
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (received.empty() && std::chrono::steady_clock::now() < give_up) {
    if (!registrar)
      registrar = next_hop_.accept();
    else
      received = registrar.take_message();
  }
  EXPECT_THAT(received, StartsWith("REGISTER "));
  running.stop(); // With an actor, two transactions and two connections alive.
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

TEST_F(Node, ADoorOfAnotherNodeIsNotJoined) {
  const auto door = model_.av->outside.listen.front();
  const auto neighbours = io::open_bound(door, SOCK_DGRAM); // With SO_REUSEPORT, as its lanes have it.
  ASSERT_TRUE(neighbours);
  try {
    actors::node running{materials()};
    ADD_FAILURE() << "it started";
    running.stop();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(door.text()));
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
  tls::server_options outside_options{.certificates = {renewed.make({.names = {"localhost"}})}};
  running.swap_certificates(
    {.outside = std::make_shared<const tls::server_context>(std::move(outside_options)), .inside = {}, .next_hop = {}});
  EXPECT_FALSE(phone().is_open()) << "of the former authority";
  EXPECT_TRUE((tls_phone{outside(), renewed}).is_open());
  before.send("\r\n\r\n");
  EXPECT_EQ(before.receive(), "\r\n") << "who is connected stays";
  running.stop();
}

TEST_F(Node, AReloadOfAFileWithoutAccessLeavesTheCertificatesInUse) {
  actors::node running{materials()};
  running.swap_certificates({.outside = {}, .inside = {}, .next_hop = {}});
  EXPECT_TRUE(phone().is_open());
  running.stop();
}

} // namespace
} // namespace sallyport::test
