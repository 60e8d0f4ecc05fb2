#include <thread>

#include "net/io/shared_admission.hpp"
#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {
namespace {

/// One lane on a thread of its own, as in the real process.
class running_lane {
public:
  running_lane(std::uint8_t index, const listener_options& options, admission& gate) : lane_{index} {
    acceptor_.when_bytes = [](stream& connection, auto bytes) { connection.send(bytes); };
    auto opened = listener::open(lane_, options, gate, acceptor_);
    EXPECT_TRUE(opened);
    listener_ = std::move(*opened);
  }
  ~running_lane() { stop(); }

  void start() {
    thread_ = std::thread{[this] { lane_.run(); }};
  }
  void stop() {
    if (!thread_.joinable())
      return;
    lane_.stop();
    thread_.join();
    listener_.reset();
    acceptor_.users.clear();
    lane_.run_once(0ms);
    EXPECT_EQ(lane_.counters().live.read(), 0u);
  }
  [[nodiscard]] endpoint local() const { return listener_->local(); }
  [[nodiscard]] const lane_counters& counters() const { return lane_.counters(); }

private:
  lane lane_;
  recording_acceptor acceptor_;
  std::unique_ptr<listener> listener_;
  std::thread thread_;
};

class Lanes : public world {};

TEST_F(Lanes, InThreadsOfTheirOwnShareContextsAndLimitsThroughReloads) {
  const auto make_context = [] {
    return std::make_shared<const tls::server_context>(
      tls::server_options{.certificates = {certificates::shared().server},
                          .clients = tls::client_certificates::optional,
                          .client_trust = certificates::shared().ca.as_trust()});
  };
  slot_.swap(make_context());
  shared_admission gate{{.connections_max = 1'000, .new_connections = {.per_second = 10'000, .burst = 10'000}}};
  running_lane first{1, {.local = loopback(), .tls = &slot_}, gate};
  running_lane second{2, {.local = first.local(), .tls = &slot_}, gate};
  first.start();
  second.start();

  constexpr std::size_t many = 60;
  connect_request request;
  request.remote = first.local();
  request.server_name = "sip.example.org";
  request.tls = std::make_shared<const tls::client_context>(
    tls::client_options{.peers = certificates::shared().ca.as_trust(), .own = certificates::shared().client});
  for (std::size_t i = 0; i < many; ++i) {
    auto& client = connect_with(request);
    client.when_open = [](stream& connection) { connection.send("through"); };
    client.when_bytes = [](stream& connection, auto) { connection.close(close_reason::local_close); };
    lane_.run_once(0ms);
    slot_.swap(make_context());
  }

  ASSERT_TRUE(
    until([&] { return std::ranges::all_of(clients_, [](const auto& client) { return client.closed.has_value(); }); }));
  for (const auto& client : clients_)
    EXPECT_EQ(client.received, "through");
  first.stop();
  second.stop();
  EXPECT_EQ(first.counters().accepted.read() + second.counters().accepted.read(), many);
}

} // namespace
} // namespace sallyport::io::test
