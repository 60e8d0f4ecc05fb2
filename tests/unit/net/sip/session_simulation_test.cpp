#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <set>

#include "net/sip/dialog.hpp"
#include "net/sip/exchange.hpp"
#include "tests/support/sip/edge_world.hpp"

// Whatever the two sides send, in whatever order, ends: no session, no transaction, no kept byte, no deadline is left.
// And it goes through meanwhile.
// A failure names its seed.
namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;
using testing::IsSupersetOf;

/// What a message is to who counts them: "INVITE", "1xx". A 100 is the transaction layer's own and none of a session's.
std::string kind_of(std::string_view text) {
  if (!text.starts_with("SIP/2.0 "))
    return std::string{text.substr(0, text.find(' '))};
  const auto status = text.substr(8, 3);
  return status == "100" ? "100" : std::string{status.front()} + "xx";
}

template <class Session>
class simulation {
public:
  explicit simulation(std::uint32_t seed) : random_{seed} {}

  /// The kinds of messages that came out on each side, ever.
  struct kinds {
    std::set<std::string> to_client;
    std::set<std::string> to_server;
  };
  void note(kinds& seen) const {
    std::ranges::transform(edge_.to_client, std::inserter(seen.to_client, seen.to_client.end()), kind_of);
    std::ranges::transform(edge_.to_server, std::inserter(seen.to_server, seen.to_server.end()), kind_of);
  }

  void run(int steps) {
    edge_.client_sends(client_request("INVITE", "").text());
    for (int i = 0; i < steps; ++i)
      step();
    edge_.advance(26h);
    edge_.expect_nothing_left();
  }

private:
  std::uint32_t pick(std::uint32_t below) { return random_() % below; }
  std::string any(std::initializer_list<const char*> choices) { return *(choices.begin() + pick(choices.size())); }
  std::string tag() { return any({"bob", "bob2", "bob3", "nobody"}); }

  void step() {
    switch (pick(10)) {
    case 0:
      return edge_.client_sends(client_request(any({"INVITE", "BYE", "INFO", "UPDATE", "SUBSCRIBE"}), tag()).text());
    case 1:
      return edge_.server_sends(server_request(any({"INVITE", "BYE", "NOTIFY", "UPDATE"})).text());
    case 2:
      return edge_.client_sends(client_request("ACK", tag()).text());
    case 3:
      return edge_.client_sends(first_.text_as("CANCEL"));
    case 4:
    case 5:
    case 6:
      return answer(edge_.to_server, true);
    case 7:
      return answer(edge_.to_client, false);
    case 8:
      return edge_.advance(milliseconds{pick(40'000)});
    default:
      return rare();
    }
  }

  void rare() {
    if (pick(10) == 0)
      edge_.client_is_gone();
    else if (pick(10) == 0)
      edge_.server_refuses_connections();
    else
      edge_.advance(milliseconds{pick(400'000)});
  }

  /// An answer, any answer, to any request that this side got, however often it was answered before.
  void answer(const std::vector<std::string>& received, bool is_server) {
    std::vector<const std::string*> requests;
    for (const auto& each : received)
      if (!each.starts_with("SIP/") && !each.starts_with("ACK"))
        requests.push_back(&each);
    if (requests.empty())
      return;
    const std::string request = *requests[pick(static_cast<std::uint32_t>(requests.size()))];
    static constexpr unsigned statuses[] = {100, 180, 183, 200, 200, 202, 302, 401, 408, 481, 486, 487, 500, 503, 603};
    const auto text = response_text(request, statuses[pick(std::size(statuses))], tag());
    is_server ? edge_.server_sends(text) : edge_.client_sends(text);
  }

  request_text client_request(std::string kind, const std::string& to_tag) {
    return {.method = std::move(kind),
            .via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKc" + std::to_string(pick(12)),
            .to = "<sip:bob@example.com>" + (to_tag.empty() ? "" : ";tag=" + to_tag),
            .cseq = 1 + pick(4)};
  }

  request_text server_request(std::string kind) {
    return {.method = std::move(kind),
            .via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKs" + std::to_string(pick(12)),
            .from = "<sip:bob@example.com>;tag=" + tag(),
            .to = "<sip:alice@example.com>;tag=alice",
            .cseq = 1 + pick(4),
            .extra = any({"", "Subscription-State: terminated\r\n", "Subscription-State: active;expires=60\r\n"})};
  }

  struct first_request {
    [[nodiscard]] std::string text_as(std::string kind) const {
      return request_text{.method = std::move(kind), .via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKc0"}.text();
    }
  };

  std::mt19937 random_;
  first_request first_;
  edge_world<Session> edge_;
};

class SessionSimulation : public testing::TestWithParam<std::uint32_t> {};

} // namespace

TEST_P(SessionSimulation, WhateverADialogHearsAllKindsPassAndNothingIsLeft) {
  simulation<dialog>::kinds seen;
  for (std::uint32_t seed = GetParam(); seed < GetParam() + 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    simulation<dialog> one{seed};
    one.run(80);
    one.note(seen);
  }
  // A session that lets nothing through leaves nothing either.
  EXPECT_THAT(seen.to_client, IsSupersetOf({"1xx", "2xx", "3xx", "4xx", "5xx", "6xx", "INVITE", "BYE", "NOTIFY"}));
  EXPECT_THAT(seen.to_server, IsSupersetOf({"INVITE", "ACK", "CANCEL", "BYE", "INFO", "2xx", "4xx"}));
}

TEST_P(SessionSimulation, WhateverAnExchangeHearsAllKindsPassAndNothingIsLeft) {
  simulation<exchange>::kinds seen;
  for (std::uint32_t seed = GetParam(); seed < GetParam() + 100; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    simulation<exchange> one{seed};
    one.run(40);
    one.note(seen);
  }
  EXPECT_THAT(seen.to_client, IsSupersetOf({"1xx", "2xx", "3xx", "4xx", "5xx", "6xx"}));
  EXPECT_THAT(seen.to_server, IsSupersetOf({"INVITE", "ACK", "CANCEL"}));
}

INSTANTIATE_TEST_SUITE_P(Seeds, SessionSimulation, testing::Values(0U, 1000U, 2000U, 3000U));

} // namespace sallyport::sip
