#include "net/tls/development_ca.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

/// What becomes of requests when the inside server does not do as it should.
class SipEndpointNextHop : public sip_world {
protected:
  void expect_failures(std::size_t many) {
    ASSERT_TRUE(until([&] { return user_.failures.size() == many; }));
    for (const auto& failure : user_.failures)
      EXPECT_EQ(failure.reason, sip::client_failure_reason::transport);
  }
};

TEST_F(SipEndpointNextHop, RefusingConnectionsFailsWhatWaits) {
  start();
  next_hop_.go_down();
  send_inward(1);
  send_inward(2);
  EXPECT_TRUE(user_.failures.empty()) << "told before the connection was tried";
  expect_failures(2);
  EXPECT_EQ(counters().next_hop_failures.read(), 1u);
  EXPECT_EQ(closed_by(io::close_reason::connect_refused), 1u);
  EXPECT_EQ(counters().client_transactions.read(), 0u);
}

TEST_F(SipEndpointNextHop, CoolsDownAfterAFailureThenRecovers) {
  start();
  next_hop_.go_down();
  send_inward(1);
  expect_failures(1);

  next_hop_.come_back();
  now_ += 499ms;
  lane_.run_once(0ms);
  send_inward(2);
  EXPECT_EQ(user_.failures.size(), 2u) << "within its cooldown";
  EXPECT_EQ(counters().next_hop_connects.read(), 1u);

  now_ += 1ms;
  lane_.run_once(0ms);
  send_inward(3);
  auto registrar = accepted();
  EXPECT_NE(message_on(registrar), "");
  EXPECT_EQ(user_.failures.size(), 2u);
}

TEST_F(SipEndpointNextHop, OneMessagePastWaitingMaxFailsAtOnceAndTheOthersGo) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.next_hop_queue.waiting_max = 2;
  start(settings);
  for (std::uint32_t number = 1; number <= 3; ++number) // The lane has not run: the connection is being made.
    send_inward(number);
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].client.number, 3u);

  auto registrar = accepted();
  EXPECT_NE(message_on(registrar), "");
  EXPECT_NE(message_on(registrar), "");
  EXPECT_EQ(user_.failures.size(), 1u);
}

TEST_F(SipEndpointNextHop, AStatelessMessageThatWaitsForNothingIsCounted) {
  start();
  next_hop_.go_down();
  order(sip::send_stateless{sip::next_hop{}, side::inside, request_text{.method = "ACK"}.text()});
  ASSERT_TRUE(until([&] { return counters().next_hop_failures.read() == 1; }));
  EXPECT_EQ(count_of(counters().dropped, "unsendable"), 1u);
}

TEST_F(SipEndpointNextHop, ThatNeverAnswersTheConnectionTimesOut) {
  const auto full = io::open_bound(loopback(), SOCK_STREAM);
  ASSERT_TRUE(full);
  ASSERT_EQ(::listen(full->get(), 0), 0);
  const auto deaf = io::local_endpoint(full->get());
  const std::vector<wire> taking_the_backlog = [&] {
    std::vector<wire> made;
    made.emplace_back(deaf);
    return made;
  }();
  auto settings = sip_settings_toward(deaf);
  settings.next_hops.front().connection.timeout = 2s;
  start(settings);
  send_inward(1);
  pass(2s - 1ms);
  EXPECT_TRUE(user_.failures.empty());
  pass(1ms + timer_slots::tick);
  expect_failures(1);
  EXPECT_EQ(closed_by(io::close_reason::connect_timeout), 1u);
  EXPECT_EQ(counters().next_hop_failures.read(), 1u);
}

TEST_F(SipEndpointNextHop, ResettingInTheMiddleFailsWhatIsInFlightAndTheNextRequestConnectsAnew) {
  start();
  send_inward(1, {.method = "INVITE"});
  auto registrar = accepted();
  const auto invite = message_on(registrar);
  registrar.send(answer_to(invite, "180 Ringing"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
  registrar.reset();
  expect_failures(1);
  EXPECT_EQ(counters().next_hop_failures.read(), 0u) << "it could be reached";
  EXPECT_EQ(counters().flows_inside.read(), 0u);

  send_inward(2);
  auto again = accepted();
  EXPECT_NE(message_on(again), "");
  EXPECT_EQ(counters().next_hop_connects.read(), 2u);
}

TEST_F(SipEndpointNextHop, WhatItsEndMakesTheUserSendConnectsAnew) {
  start();
  user_.when_cancelled = [this] { send_inward(2); };
  send_inward(1);
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  registrar.send(request_text{}.text()); // By the connection that we made.
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  registrar.reset();
  ASSERT_TRUE(until([&] { return user_.cancels.size() == 1; }));

  auto again = accepted();
  EXPECT_NE(message_on(again), "");
  EXPECT_TRUE(user_.failures.empty());
}

TEST_F(SipEndpointNextHop, AnsweredRequestsAreNotFailedByItsEnd) {
  start();
  send_inward(1);
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
  registrar.close();
  ASSERT_TRUE(until([&] { return counters().flows_inside.read() == 0; }));
  EXPECT_TRUE(user_.failures.empty());
}

TEST_F(SipEndpointNextHop, SpeakingNonsenseIsCutOffAndFailsWhatIsInFlight) {
  start();
  send_inward(1);
  auto registrar = accepted();
  message_on(registrar);
  registrar.send("220 mail.example ESMTP\r\n");
  ASSERT_TRUE(until([&] { return registrar.is_closed(); }));
  registrar.close();
  expect_failures(1);
  EXPECT_EQ(count_of(counters().dropped, "not_sip"), 1u);
}

TEST_F(SipEndpointNextHop, MayBeSilentForAsLongAsItLikes) {
  auto settings = sip_settings_toward(next_hop_.local());
  settings.inside.idle_timeout = 0ms;
  start(settings);
  send_inward(1);
  auto registrar = accepted();
  registrar.send(answer_to(message_on(registrar), "200 OK"));
  ASSERT_TRUE(until([&] { return user_.responses.size() == 1; }));
  pass(24h);
  EXPECT_EQ(counters().flows_inside.read(), 1u);
}

TEST_F(SipEndpointNextHop, ThatShouldSpeakTlsAndDoesNotIsAFailureToConnect) {
  const tls::development_ca authority;
  tls::context_slot<tls::client_context> slot{std::make_shared<const tls::client_context>(
    tls::client_options{.peers = authority.as_trust(), .own = {}, .application_protocols = {}})};
  auto settings = sip_settings_toward(next_hop_.local());
  settings.next_hops.front().tls = &slot;
  settings.next_hops.front().connection.server_name = "registrar.example";
  start(settings);
  send_inward(1);
  auto registrar = accepted();
  ASSERT_TRUE(until([&] { return registrar.take().starts_with("\x16\x03"); })); // A ClientHello, no SIP.
  registrar.send("SIP/2.0 400 Bad Request\r\n\r\n");
  expect_failures(1);
  EXPECT_EQ(counters().next_hop_failures.read(), 1u);
  EXPECT_EQ(closed_by(io::close_reason::plain_text_on_tls), 1u);
}

} // namespace
} // namespace sallyport::test
