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

TEST_F(SipEndpointNextHop, ACrowdThatFailsTogetherDoesNotHoldItsLane) {
  start();
  next_hop_.go_down();
  constexpr std::uint32_t crowd = 200;
  for (std::uint32_t number = 1; number <= crowd; ++number)
    send_inward(number);
  user_.when_failed = [this] { now_ += 1ms; };
  ASSERT_TRUE(until([&] { return !user_.failures.empty(); }));
  EXPECT_LT(user_.failures.size(), crowd) << "in one turn";
  expect_failures(crowd);
  EXPECT_EQ(counters().client_transactions.read(), 0u);
}

/// More of them than a socket of the loopback takes, where nobody reads.
constexpr std::uint32_t herd = 400;
const std::string herd_body(20'000, 'x');

TEST_F(SipEndpointNextHop, AHerdThatWaitedForItsConnectionArrivesWhole) {
  start();
  for (std::uint32_t number = 1; number <= herd; ++number) // The lane has not run: the connection is being made.
    send_inward(number, {.method = "REGISTER", .body = herd_body});
  auto registrar = accepted();
  spin(); // It does not read yet.
  for (std::uint32_t number = 1; number <= herd; ++number)
    ASSERT_NE(message_on(registrar), "") << number;
  EXPECT_TRUE(user_.failures.empty());
  EXPECT_EQ(closed_by(io::close_reason::write_overflow), 0u);
  EXPECT_EQ(counters().next_hop_connects.read(), 1u);
}

/// A next hop that takes a connection and reads nothing of it: its queue fills up. Each message is a sixteenth of it.
class SipEndpointFullNextHop : public SipEndpointNextHop {
protected:
  SipEndpointFullNextHop() {
    auto settings = sip_settings_toward(next_hop_.local());
    settings.next_hop_queue.queue_bytes_max = 16 * message_bytes;
    start(settings);
  }
  request_text of_size(const std::string& method) const { return {.method = method, .body = body_}; }
  /// Requests outside a dialog until one is refused; gives back how many went before it. The first ones fill the
  /// kernel's buffers.
  std::uint32_t fill() {
    const auto before = user_.failures.size();
    std::uint32_t number = 1;
    for (; number < 10'000 && user_.failures.size() == before; ++number) {
      send_inward(number, of_size("REGISTER"));
      spin();
    }
    return number - 2;
  }
  void send_in_dialog(std::uint32_t number) {
    auto asked = outgoing({session_, number}, sip::next_hop{}, of_size("BYE"));
    asked.is_in_dialog = true;
    order(std::move(asked));
  }
  void expect_refused(std::size_t many) {
    ASSERT_EQ(user_.failures.size(), many);
    for (const auto& failure : user_.failures)
      EXPECT_EQ(failure.reason, sip::client_failure_reason::overload); // The session answers 503 with Retry-After.
    EXPECT_EQ(count_of(counters().dropped, "next_hop_queue_full"), many);
    EXPECT_EQ(counters().flows_inside.read(), 1u) << "the connection lives";
  }

  static constexpr std::size_t message_bytes = 32'768;
  const std::string body_ = std::string(message_bytes - 400, 'x');
};

TEST_F(SipEndpointFullNextHop, RefusesWhatIsNewAndLivesAndTakesMoreOnceItIsRead) {
  send_inward(20'000);
  auto registrar = accepted();
  EXPECT_NE(message_on(registrar), "");
  const auto went = fill();
  expect_refused(1);

  for (std::uint32_t i = 0; i < went; ++i)
    ASSERT_NE(message_on(registrar), "") << i;
  send_inward(20'001);
  EXPECT_NE(message_on(registrar), "");
  expect_refused(1);
}

TEST_F(SipEndpointFullNextHop, KeepsAnEighthForWhatBelongsToADialogAndForResponses) {
  send_inward(20'000);
  auto registrar = accepted();
  EXPECT_NE(message_on(registrar), "");
  registrar.send(request_text{.method = "INVITE"}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  EXPECT_NE(message_on(registrar), ""); // Its 100.

  const auto went = fill();
  send_in_dialog(20'001);
  respond(0, 486);
  expect_refused(1);
  send_in_dialog(20'002); // The reserve has room for two of the size.
  send_in_dialog(20'003);
  expect_refused(2);
  EXPECT_EQ(user_.failures.back().client.number, 20'003u);

  for (std::uint32_t i = 0; i < went + 3; ++i)
    ASSERT_NE(message_on(registrar), "") << i;
}

TEST_F(SipEndpointFullNextHop, CountsWhatWaitsForTheConnectionToo) {
  for (std::uint32_t number = 1; number <= 17; ++number) // The lane has not run: the connection is being made.
    send_inward(number, of_size("REGISTER"));
  ASSERT_EQ(user_.failures.size(), 1u);
  EXPECT_EQ(user_.failures[0].client.number, 17u);
  EXPECT_EQ(user_.failures[0].reason, sip::client_failure_reason::overload);
  order(sip::send_stateless{sip::next_hop{}, side::inside, of_size("ACK").text()});
  EXPECT_EQ(count_of(counters().dropped, "next_hop_queue_full"), 1u) << "of the reserve";

  auto registrar = accepted();
  for (int i = 0; i < 17; ++i)
    ASSERT_NE(message_on(registrar), "") << i;
  expect_refused(1);
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
