#include <poll.h>

#include <atomic>
#include <thread>

#include "tests/support/sip_text.hpp"
#include "tests/unit/actors/node_world.hpp"
#include "tests/unit/net/io/turn_wire.hpp"

namespace sallyport::test {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// Users of a node, each in a thread of its own, and the registrar that answers them.
class NodeUsers : public node_world {
protected:
  NodeUsers() {
    model_.domains = {"edge.example"};
    model_.av->realm = "edge.example";
  }

  [[nodiscard]] actors::node_materials materials() const {
    auto made = node_world::materials();
    made.turn.users = {{"ali", stun::make_long_term_key("ali", "edge.example", turn_wire::password), {}}};
    return made;
  }

  /// Accepts whatever is asked of the inside, until told to leave.
  void answer_everything() {
    std::vector<wire> connections;
    while (!is_over_) {
      if (auto connection = next_hop_.accept())
        connections.push_back(std::move(connection));
      for (auto& each : connections)
        for (auto request = each.take_message(); !request.empty(); request = each.take_message())
          each.send(answer_to(request, "200 OK"));
    }
  }

  void register_from(const std::string& user) const {
    auto caller = phone();
    caller.send(registration_of(user).text());
    EXPECT_THAT(caller.receive(), StartsWith("SIP/2.0 200 ")) << user;
  }

  void relay_for_a_while() const {
    turn_wire client{model_.av->outside.listen.front()};
    client.client.nonce = ask(client, client.client.first_allocate()).nonce;
    EXPECT_EQ(ask(client, client.client.allocate()).code, 0u);
    EXPECT_EQ(ask(client, client.client.refresh(0)).code, 0u);
  }

  std::atomic<bool> is_over_ = false;

private:
  static turn_response ask(turn_wire& at, std::span<const std::byte> request) {
    at.send(request);
    pollfd readable{.fd = at.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&readable, 1, 10'000), 1) << "nothing came";
    const auto heard = at.receive();
    const auto answer = heard ? at.client.read(heard->datagram) : std::nullopt;
    return answer.value_or(turn_response{.code = 999});
  }
};

TEST_F(NodeUsers, AreServedOnAllLanesAtOnceWhileItIsReadAndRenewed) {
  constexpr int users = 4;
  constexpr int rounds = 8;
  actors::node running{materials()};
  std::thread registrar{[this] { answer_everything(); }};
  std::vector<std::thread> at_once;
  for (int user = 0; user < users; ++user)
    at_once.emplace_back([this, user] {
      for (int round = 0; round < rounds; ++round) {
        register_from("user" + std::to_string(user) + '-' + std::to_string(round));
        relay_for_a_while();
      }
    });
  for (int round = 0; round < rounds; ++round) {
    EXPECT_THAT(scrape(*model_.metrics.listen), HasSubstr("sallyport_sessions{"));
    running.renew(materials());
  }
  for (auto& user : at_once)
    user.join();
  running.stop();
  is_over_ = true;
  registrar.join();
}

} // namespace
} // namespace sallyport::test
