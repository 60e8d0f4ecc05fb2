#include "net/tls/development_ca.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

/// Two inside servers: what concerns one does not concern the other.
class SipEndpointNextHops : public sip_world {
protected:
  static constexpr sip::next_hop first{0};
  static constexpr sip::next_hop second{1};

  io::sip_settings toward_both() {
    auto settings = sip_settings_toward(next_hop_.local());
    settings.next_hops.push_back({.connection = {.remote = second_.local()}});
    return settings;
  }
  wire accepted_by_second() {
    wire got;
    EXPECT_TRUE(until([&] { return static_cast<bool>(got = second_.accept()); })) << "no connection came";
    return got;
  }
  /// Which requests failed so far, by number; none of another reason than its connection.
  std::vector<std::uint32_t> failed() { return failed_by(sip::client_failure_reason::transport); }
  /// Likewise, of none but a full queue.
  std::vector<std::uint32_t> refused() { return failed_by(sip::client_failure_reason::overload); }
  std::vector<std::uint32_t> failed_by(sip::client_failure_reason why) {
    std::vector<std::uint32_t> found;
    for (const auto& failure : user_.failures) {
      EXPECT_EQ(failure.reason, why);
      found.push_back(failure.client.number);
    }
    return found;
  }
  [[nodiscard]] bool until_failed(std::size_t many) {
    return until([&] { return user_.failures.size() == many; });
  }

  using numbers = std::vector<std::uint32_t>;

  wire_listener second_;
};

TEST_F(SipEndpointNextHops, ARequestToTheSecondArrivesThereAndNowhereElse) {
  start(toward_both());
  send_to(second, 1);
  auto registrar = accepted_by_second();
  EXPECT_NE(message_on(registrar), "");
  EXPECT_EQ(counters().next_hop_connects.read(), 1u);
  EXPECT_FALSE(next_hop_.accept());
}

TEST_F(SipEndpointNextHops, EachHasItsOwnConnectionAndKeepsIt) {
  start(toward_both());
  send_to(first, 1);
  send_to(second, 2);
  auto one = accepted();
  auto other = accepted_by_second();
  EXPECT_NE(message_on(one), "");
  EXPECT_NE(message_on(other), "");

  send_to(second, 3);
  send_to(first, 4);
  EXPECT_NE(message_on(other), "");
  EXPECT_NE(message_on(one), "");
  EXPECT_EQ(counters().next_hop_connects.read(), 2u);
  EXPECT_EQ(counters().flows_inside.read(), 2u);
}

TEST_F(SipEndpointNextHops, TheLossOfOneFailsWhatWasSentToItAlone) {
  start(toward_both());
  send_to(first, 1);
  send_to(second, 2);
  auto one = accepted();
  auto other = accepted_by_second();
  const auto request = message_on(one);
  EXPECT_NE(message_on(other), "");

  other.reset();
  ASSERT_TRUE(until_failed(1));
  EXPECT_EQ(failed(), numbers{2});
  one.send(answer_to(request, "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
  EXPECT_EQ(user_.responses[0].client.number, 1u);

  send_to(second, 3);
  send_to(first, 4);
  auto again = accepted_by_second();
  EXPECT_NE(message_on(again), "");
  EXPECT_NE(message_on(one), "");
  EXPECT_EQ(counters().next_hop_connects.read(), 3u);
  EXPECT_EQ(failed(), numbers{2});
}

TEST_F(SipEndpointNextHops, OneCoolsDownAfterItsFailureAndTheOtherConnects) {
  start(toward_both());
  second_.go_down();
  send_to(second, 1);
  ASSERT_TRUE(until_failed(1));
  second_.come_back();

  send_to(second, 2);
  EXPECT_EQ(failed(), (numbers{1, 2})) << "within its cooldown";
  send_to(first, 3);
  auto one = accepted();
  EXPECT_NE(message_on(one), "");

  pass(500ms);
  send_to(second, 4);
  auto other = accepted_by_second();
  EXPECT_NE(message_on(other), "");
  EXPECT_EQ(failed(), (numbers{1, 2}));
  EXPECT_EQ(counters().next_hop_connects.read(), 3u);
  EXPECT_EQ(counters().next_hop_failures.read(), 1u);
}

TEST_F(SipEndpointNextHops, WhatIsSentToNoneOfThemFailsAtOnceAndIsCounted) {
  start(toward_both());
  send_to(sip::next_hop{2}, 1);
  EXPECT_EQ(failed(), numbers{1});
  EXPECT_EQ(count_of(counters().dropped, "unknown_next_hop"), 1u);
  EXPECT_EQ(counters().client_transactions.read(), 0u);

  order(sip::send_stateless{sip::next_hop{2}, side::inside, request_text{.method = "ACK"}.text()});
  EXPECT_EQ(count_of(counters().dropped, "unknown_next_hop"), 2u);
  EXPECT_EQ(count_of(counters().dropped, "unsendable"), 0u) << "counted once";
  EXPECT_EQ(counters().next_hop_connects.read(), 0u);
}

TEST_F(SipEndpointNextHops, EachHasAQueueOfItsOwn) {
  auto settings = toward_both();
  settings.next_hop_queue.queue_bytes_max = 1'000; // Of one message.
  start(settings);
  const std::string body(600, 'x');
  send_to(first, 1, {.body = body}); // The lane has not run: the connections are being made.
  send_to(first, 2, {.body = body});
  send_to(second, 3, {.body = body});
  send_to(second, 4, {.body = body});
  EXPECT_EQ(refused(), (numbers{2, 4}));

  auto one = accepted();
  auto other = accepted_by_second();
  EXPECT_NE(message_on(one), "");
  EXPECT_NE(message_on(other), "");
}

TEST_F(SipEndpointNextHops, OfAQueueThatFailsOnlyItsOwnWaited) {
  start(toward_both());
  second_.go_down();
  send_to(second, 1);
  send_to(first, 2);
  send_to(second, 3);
  ASSERT_TRUE(until_failed(2));
  auto one = accepted();
  EXPECT_NE(message_on(one), "");
  auto lost = failed();
  std::ranges::sort(lost);
  EXPECT_EQ(lost, (numbers{1, 3}));
}

TEST_F(SipEndpointNextHops, ACrowdTakesThePlaceOfNeither) {
  auto settings = toward_both();
  settings.flows_max = 1;
  settings.inside_flows_reserved = 1;
  start(settings);
  auto phone = client();
  auto server_of_ours = server();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() + counters().flows_inside.read() == 2; }));
  send_to(first, 1);
  send_to(second, 2);
  auto one = accepted();
  auto other = accepted_by_second();
  EXPECT_NE(message_on(one), "");
  EXPECT_NE(message_on(other), "");
  EXPECT_EQ(failed(), numbers{});
}

TEST_F(SipEndpointNextHops, TakeNobodysPlace) {
  auto settings = toward_both();
  settings.flows_max = 1;
  start(settings);
  send_to(first, 1);
  send_to(second, 2);
  auto one = accepted();
  auto other = accepted_by_second();
  ASSERT_TRUE(until([&] { return counters().flows_inside.read() == 2; }));

  auto phone = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 1; }));
  auto one_too_many = client();
  ASSERT_TRUE(until([&] { return one_too_many.is_closed(); }));
}

TEST_F(SipEndpointNextHops, EachIsReachedAsItsOwnSettingsSay) {
  const tls::development_ca authority;
  tls::context_slot<tls::client_context> slot{std::make_shared<const tls::client_context>(
    tls::client_options{.peers = authority.as_trust(), .own = {}, .application_protocols = {}})};
  auto settings = toward_both();
  settings.next_hops.back().tls = &slot;
  start(settings);
  send_to(first, 1);
  send_to(second, 2);
  auto plain = accepted();
  EXPECT_NE(message_on(plain), "");
  auto secure = accepted_by_second();
  ASSERT_TRUE(until([&] { return secure.take().starts_with("\x16\x03"); })); // A ClientHello, no SIP.
  secure.reset();
  ASSERT_TRUE(until_failed(1));
  EXPECT_EQ(failed(), numbers{2});
}

} // namespace
} // namespace sallyport::test
