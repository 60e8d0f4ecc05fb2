#include <array>
#include <atomic>
#include <unordered_map>

#include "actors/observe/lane_samples.hpp"
#include "actors/service.hpp"
#include "tests/unit/actors/node_world.hpp"
#include "tests/unit/net/io/turn_wire.hpp"

namespace sallyport::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

/// What the shares of an echo service were told, on whatever lane.
struct echo_record {
  std::atomic<int> closed = 0;
  std::atomic<int> ended = 0;
};

/// Says again what it hears, to whoever speaks STUN. A whole service.
class echo_service final : public actors::service {
public:
  echo_service(const actors::port_terms& at, echo_record& record) : at_{at}, record_{record} {}

  [[nodiscard]] const char* name() const noexcept override { return "echo"; }
  [[nodiscard]] std::vector<actors::service_address> addresses() const override {
    return {{.at = at_, .takes = {{io::stream_protocol::stun, io::proof::allocation}}}};
  }
  [[nodiscard]] std::unique_ptr<actors::lane_service> join(caf::actor_system&, io::lane&) override {
    return std::make_unique<share>(record_);
  }

private:
  class share final : public actors::lane_service, private io::stream_acceptor, private io::stream_user {
  public:
    explicit share(echo_record& record) : record_{record} {}

    [[nodiscard]] io::stream_acceptor& acceptor(side, io::stream_protocol) override { return *this; }
    void close() override {
      for (auto& [connection, owned] : connections_)
        connection->close(io::close_reason::local_shutdown);
      ++record_.closed;
    }
    void end() override { record_.ended += record_.closed == 2 ? 1 : 0; } // Both lanes have closed before.
    void show(actors::lane_samples& out) const override {
      out.add({"echoes_total", "What was said again", prometheus::MetricType::Counter}, echoes_.read());
    }

  private:
    void on_stream(io::stream_ptr connection, std::span<const std::byte> first_bytes) override {
      auto& taken = *connection;
      taken.set_user(*this);
      connections_.emplace(&taken, std::move(connection));
      if (!first_bytes.empty())
        on_bytes(taken, first_bytes);
    }
    void on_open(io::stream&) override {}
    void on_bytes(io::stream& connection, std::span<const std::byte> bytes) override {
      connection.prove();
      echoes_.add();
      connection.send(bytes);
    }
    void on_closed(io::stream& connection, io::close_reason) override { connections_.erase(&connection); }

    echo_record& record_;
    io::counter echoes_;
    std::unordered_map<io::stream*, io::stream_ptr> connections_;
  };

  const actors::port_terms at_;
  echo_record& record_;
};

/// Has no address and takes nothing: it is told when each lane has made its share of what stands before it in the list.
class bystander final : public actors::service {
public:
  explicit bystander(std::function<void()> told, std::function<void(const std::vector<ip_address>&)> taken = {})
    : told_{std::move(told)}, taken_{std::move(taken)} {}

  [[nodiscard]] const char* name() const noexcept override { return "bystander"; }
  [[nodiscard]] std::vector<actors::service_address> addresses() const override { return {}; }
  [[nodiscard]] std::unique_ptr<actors::lane_service> join(caf::actor_system&, io::lane&) override {
    told_();
    return std::make_unique<share>();
  }

  void take_addresses(const std::vector<ip_address>& now) override {
    if (taken_)
      taken_(now);
  }

private:
  class share final : public actors::lane_service {
  public:
    void close() override {}
    void end() override {}
    void show(actors::lane_samples&) const override {}
  };

  std::function<void()> told_;
  std::function<void(const std::vector<ip_address>&)> taken_;
};

class Service : public node_world {
protected:
  Service() { model_.metrics.listen.reset(); } // Most ask for none.

  /// What a node can run, and so many echo services besides: the line that makes one known.
  [[nodiscard]] std::vector<actors::service_kind> kinds(std::size_t echoes = 1) {
    const auto known = actors::known_services();
    std::vector<actors::service_kind> all{known.begin(), known.end()};
    all.insert(all.end(), echoes,
               {{}, [this](const auto&, std::size_t) { return std::make_unique<echo_service>(at_, record_); }});
    return all;
  }
  /// Why a node does not start.
  std::string refusal(const std::vector<actors::service_kind>& of) {
    try {
      actors::node running{materials(), of};
      ADD_FAILURE() << "it started";
      running.stop();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  /// The answer to it must be the first that comes.
  static turn_response ask(turn_wire& at, std::span<const std::byte> request) {
    at.send(request);
    std::optional<udp_wire::heard> got;
    EXPECT_TRUE(comes_true([&] { return (got = at.receive()).has_value(); }));
    const auto answer = got ? at.client.read(got->datagram) : std::nullopt;
    EXPECT_TRUE(answer && std::ranges::equal(answer->transaction, request.subspan(8, 12)));
    return answer.value_or(turn_response{.code = 999});
  }

  static constexpr std::string_view binding_request{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8};

  actors::port_terms at_{.local = outside()}; // Where SIP is too.
  echo_record record_;
};

TEST_F(Service, IsChosenByItsAlpnOrByFirstBytesBesideSip) {
  actors::node running{materials(), kinds()};
  auto by_name = phone({"stun.turn"});
  by_name.send("anything");
  EXPECT_EQ(by_name.receive(), "anything");
  auto by_bytes = phone();
  by_bytes.send(binding_request);
  EXPECT_EQ(by_bytes.receive(), binding_request);
  auto sip = phone();
  sip.send("\r\n\r\n");
  EXPECT_EQ(sip.receive(), "\r\n");
  by_name.leave();
  by_bytes.leave();
  sip.leave();
  running.stop();
}

TEST_F(Service, IsClosedOnItsLanesAndThenEnded) {
  actors::node running{materials(), kinds()};
  auto client = phone({"stun.turn"});
  client.send("here");
  EXPECT_EQ(client.receive(), "here");
  EXPECT_EQ(record_.closed, 0);

  running.stop();
  EXPECT_EQ(client.receive(), "") << "closed in order";
  EXPECT_EQ(record_.closed, 2) << "each lane's";
  EXPECT_EQ(record_.ended, 2);
}

TEST_F(Service, ItsCountersProofsAndSupervisorAreAmongTheMetrics) {
  model_.metrics.listen = free_address();
  actors::node running{materials(), kinds()};
  auto client = phone({"stun.turn"});
  for (int i = 0; i < 2; ++i) {
    client.send("again");
    EXPECT_EQ(client.receive(), "again");
  }
  const auto shown = scrape(*model_.metrics.listen);
  EXPECT_THAT(shown, ContainsRegex("sallyport_echoes_total\\{lane=\"[01]\"\\} 2"));
  EXPECT_THAT(shown, ContainsRegex("sallyport_connections_proved_total\\{lane=\"[01]\",proof=\"allocation\"\\} 1"));
  EXPECT_THAT(shown, Not(ContainsRegex("proved_total\\{lane=\"[01]\",proof=\"registration\"\\} 1")));
  EXPECT_THAT(shown, HasSubstr("sallyport_session_failures_total{service=\"echo\"} 0"));
  client.leave();
  running.stop();
}

TEST_F(Service, AProtocolThatNoneServesIsClosedAndCounted) {
  model_.metrics.listen = free_address();
  actors::node running{materials(), kinds()};
  auto browser = phone();
  browser.send("GET /ws HTTP/1.1\r\n");
  EXPECT_EQ(browser.receive(), "");
  // The browser may know before the lane has counted it.
  const auto counted = ContainsRegex("sallyport_closed_total\\{lane=\"[01]\",reason=\"service_absent\"\\} 1");
  EXPECT_TRUE(comes_true([&] { return testing::Value(scrape(*model_.metrics.listen), counted); }));
  running.stop();
}

TEST_F(Service, APortOffersTheAlpnOfWhatServesIt) {
  const std::vector<std::string> all{"http/1.1", "stun.turn"};
  {
    actors::node running{materials()};
    EXPECT_EQ(phone(all).application_protocol(), "");
    EXPECT_EQ(phone({"http/1.1", "sip/2"}).application_protocol(), "sip/2");
    running.stop();
  }
  actors::node running{materials(), kinds()};
  EXPECT_EQ(phone(all).application_protocol(), "stun.turn");
  running.stop();
}

/// The kernel chooses a socket of the port anew whenever a lane's is added: what it gave to one before the last was
/// there, it would give to another afterwards.
TEST_F(Service, WhatComesByUdpBeforeEveryLaneListensIsThrownAwayAndLaterOneLaneHasAClient) {
  model_.node.lanes = 8;
  constexpr std::size_t many = 40;
  std::vector<turn_wire> clients;
  for (std::size_t i = 0; i < many; ++i)
    clients.emplace_back(model_.av->outside.listen.front());
  const auto ask_early = [&] {
    for (auto& each : clients)
      each.send(each.client.bare(stun::method::binding));
  };
  auto kinds = this->kinds(0);
  kinds.push_back({{}, [&](const auto&, std::size_t) { return std::make_unique<bystander>(ask_early); }});
  model_.av->realm = "edge.example";
  auto made_of = materials();
  made_of.turn.users = {{"ali", stun::make_long_term_key("ali", "edge.example", turn_wire::password), {}}};
  actors::node running{std::move(made_of), kinds};

  for (auto& each : clients) {
    each.client.nonce = ask(each, each.client.first_allocate()).nonce;
    EXPECT_EQ(ask(each, each.client.allocate()).code, 0u);
  }
  for (auto& each : clients)
    EXPECT_EQ(ask(each, each.client.refresh(0)).code, 0u);
  running.stop();
}

TEST_F(Service, IsToldTheAddressesOfTheHostWhenTheyAreOthersThanTheNodeWasMadeOf) {
  std::atomic<bool> is_told = false;
  const auto taken = [&](const std::vector<ip_address>& now) {
    is_told = std::ranges::count(now, loopback().address) == 1;
  };
  auto kinds = this->kinds(0);
  kinds.push_back({{}, [&](const auto&, std::size_t) { return std::make_unique<bystander>([] {}, taken); }});
  auto made_of = materials();
  made_of.local_addresses = {*ip_address::parse("192.0.2.1")};
  actors::node running{std::move(made_of), kinds};
  EXPECT_TRUE(comes_true([&] { return is_told.load(); }));
  running.stop();
}

TEST_F(Service, ItsPortIsItsOwnWhereNobodyElseWantsIt) {
  at_.local = free_address();
  at_.over = transport::tcp;
  actors::node running{materials(), kinds()};
  const auto listening = running.listening();
  EXPECT_EQ(listening.back().local, at_.local);
  wire client{at_.local};
  client.send(binding_request);
  std::string got;
  EXPECT_TRUE(comes_true([&] { return !(got = client.take()).empty(); }));
  EXPECT_EQ(got, binding_request);
  client.close();
  running.stop();
  EXPECT_TRUE(is_free(at_.local));
}

TEST_F(Service, TwoThatTakeTheSameProtocolAtOneAddressDoNotStart) {
  EXPECT_EQ(refusal(kinds(2)), "echo and echo both take stun at " + outside().text());
  EXPECT_TRUE(is_free(outside()));
}

TEST_F(Service, OneAtAPortThatAnotherHasToItselfDoesNotStart) {
  at_ = {.from = side::inside, .over = transport::tcp, .local = inside()};
  EXPECT_EQ(refusal(kinds()), "echo cannot share " + inside().text() + ", which is another's");
}

TEST_F(Service, OneThatWantsTlsWhereTheNodeHasNoCertificateDoesNotStart) {
  at_ = {.from = side::inside, .over = transport::tls, .local = free_address()};
  EXPECT_EQ(refusal(kinds()), "there is no certificate to show at " + at_.local.text());
}

} // namespace
} // namespace sallyport::test
