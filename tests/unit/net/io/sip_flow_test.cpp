#include "net/io/sip_flow.hpp"
#include "tests/unit/net/io/sip_world.hpp"

namespace sallyport::test {
namespace {

using testing::StartsWith;

/// The stream of messages on one connection, its keep-alives and its limits, seen through the endpoint that owns it.
class SipFlow : public sip_world {
protected:
  void start_with(const io::sip_flow_limits& limits) {
    auto settings = sip_settings_toward(next_hop_.local());
    settings.outside = limits;
    start(settings);
  }
  void expect_closed(wire& peer, io::close_reason reason) {
    ASSERT_TRUE(until([&] { return peer.is_closed(); }));
    peer.close();
    ASSERT_TRUE(until([&] { return lane_.counters().live.read() == 0; }));
    EXPECT_EQ(closed_by(reason), 1u);
  }
  [[nodiscard]] std::vector<std::string> methods_heard() const {
    std::vector<std::string> methods;
    for (const auto& each : user_.requests)
      methods.emplace_back(each.request->method_name());
    return methods;
  }
};

TEST_F(SipFlow, CutsMessagesOutOfTheStreamHoweverItIsDivided) {
  start();
  auto peer = client();
  for (const std::size_t cut : {10'000, 100, 7}) {
    const auto branch = "z9hG4bK-" + std::to_string(cut);
    const auto stream = request_text{.method = "OPTIONS", .branch = branch}.text() + "\r\n" +
                        request_text{.method = "MESSAGE", .branch = branch, .body = "hello"}.text() +
                        request_text{.method = "INFO", .branch = branch}.text();
    user_.requests.clear();
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      peer.send(stream.substr(at, cut));
      lane_.run_once(0ms);
    }
    ASSERT_TRUE(until([&] { return user_.requests.size() == 3; }));
    EXPECT_EQ(methods_heard(), (std::vector<std::string>{"OPTIONS", "MESSAGE", "INFO"}));
    EXPECT_EQ(user_.requests[1].request->body(), "hello");
  }
}

TEST_F(SipFlow, AnswersAPingWithOneCrlf) {
  start();
  auto peer = client();
  peer.send("\r\n\r\n");
  std::string got;
  ASSERT_TRUE(until([&] { return !(got += peer.take()).empty(); }));
  EXPECT_EQ(got, "\r\n"); // RFC 5626, 4.4.1.
  EXPECT_EQ(counters().pings.read(), 1u);
  EXPECT_EQ(counters().requests.read(), 0u);
}

TEST_F(SipFlow, PingsAsOftenAsItIsToldAndTheAnswerMeansNothing) {
  start_with({.ping_every = 45s});
  auto peer = client();
  peer.send(request_text{.method = "OPTIONS"}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  for (int ping = 0; ping < 2; ++ping) {
    pass(44s);
    EXPECT_EQ(peer.take(), "");
    pass(2s);
    std::string got;
    ASSERT_TRUE(until([&] { return !(got += peer.take()).empty(); }));
    EXPECT_EQ(got, "\r\n\r\n"); // RFC 5626, 4.4.1.
    peer.send("\r\n");
  }
  EXPECT_EQ(counters().pings.read(), 0u);
}

TEST_F(SipFlow, ASingleCrlfBetweenMessagesMeansNothing) {
  start();
  auto peer = client();
  peer.send("\r\n" + request_text{}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  EXPECT_EQ(counters().pings.read(), 0u);
}

TEST_F(SipFlow, OneMessagePastItsRateClosesIt) {
  start_with({.messages_per_second = {.per_second = 2, .burst = 2}});
  auto peer = client();
  for (int i = 0; i < 3; ++i)
    peer.send(request_text{.branch = "z9hG4bK-" + std::to_string(i)}.text());
  expect_closed(peer, io::close_reason::overload);
  EXPECT_EQ(user_.requests.size(), 2u);
  EXPECT_EQ(count_of(counters().dropped, "message_rate"), 1u);
}

TEST_F(SipFlow, ItsRateRecoversWithTime) {
  start_with({.messages_per_second = {.per_second = 2, .burst = 2}});
  auto peer = client();
  for (std::size_t second = 1; second <= 3; ++second) {
    peer.send(request_text{.method = "OPTIONS"}.text() + request_text{}.text());
    ASSERT_TRUE(until([&] { return counters().requests.read() == 2 * second; }));
    pass(1s);
  }
  EXPECT_FALSE(peer.is_closed());
}

TEST_F(SipFlow, PingsCountTowardItsRate) {
  start_with({.messages_per_second = {.per_second = 2, .burst = 2}});
  auto peer = client();
  for (int i = 0; i < 3; ++i)
    peer.send("\r\n\r\n");
  expect_closed(peer, io::close_reason::overload);
  EXPECT_EQ(counters().pings.read(), 2u);
}

TEST_F(SipFlow, AMessageThatDripsPastItsTimeoutEndsIt) {
  start_with({.message_timeout = 10s});
  auto peer = client();
  const auto text = request_text{}.text();
  for (std::size_t i = 0; i < 9; ++i) {
    peer.send(text.substr(i, 1));
    spin();
    pass(1s);
  }
  EXPECT_FALSE(peer.is_closed());
  peer.send(text.substr(9, 1));
  spin();
  pass(1s + timer_slots::tick);
  expect_closed(peer, io::close_reason::protocol_timeout);
}

TEST_F(SipFlow, EachMessageHasTheWholeTimeoutFromItsFirstByte) {
  start_with({.message_timeout = 10s});
  auto peer = client();
  const auto text = request_text{}.text();
  const auto half = text.size() / 2;
  peer.send(text.substr(0, half));
  for (int i = 0; i < 4; ++i) { // The end of one and the beginning of the next come together.
    pass(9s);
    peer.send(text.substr(half) + text.substr(0, half));
    spin();
  }
  pass(9s);
  peer.send(text.substr(half));
  ASSERT_TRUE(until([&] { return counters().requests.read() == 5; }));
  pass(1h - 45s);
  EXPECT_EQ(closed_by(io::close_reason::protocol_timeout), 0u);
}

TEST_F(SipFlow, SilenceEndsItAndAKeepAliveDoesNot) {
  start_with({.idle_timeout = 60s});
  auto peer = client();
  ASSERT_TRUE(until([&] { return counters().flows_outside.read() == 1; }));
  for (int i = 0; i < 3; ++i) {
    pass(59s);
    peer.send("\r\n\r\n");
    ASSERT_TRUE(until([&] { return peer.take() == "\r\n"; }));
  }
  pass(59s);
  ASSERT_FALSE(peer.is_closed());
  pass(1s + timer_slots::tick);
  expect_closed(peer, io::close_reason::idle);
}

TEST_F(SipFlow, GarbageIsCountedAndEndsItWithoutAnAnswer) {
  start();
  auto peer = client();
  peer.send("GET / HTTP/1.1\r\nHost: edge.example\r\n\r\n");
  ASSERT_TRUE(until([&] { return peer.is_closed(); }));
  EXPECT_EQ(peer.take(), "");
  EXPECT_EQ(count_of(counters().dropped, "not_sip"), 1u);
  expect_closed(peer, io::close_reason::protocol_error);
}

TEST_F(SipFlow, OneByteOfBodyTooManyGets513AndEndsIt) {
  start_with({.messages = {.body_bytes_max = 100}});
  auto peer = client();
  peer.send(request_text{.body = std::string(100, 'x')}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  peer.send(request_text{.branch = "z9hG4bK-2", .body = std::string(101, 'x')}.text());
  EXPECT_THAT(message_on(peer), StartsWith("SIP/2.0 513 "));
  EXPECT_EQ(count_of(counters().refused, "body_too_long"), 1u);
  expect_closed(peer, io::close_reason::protocol_error);
}

TEST_F(SipFlow, AHeadThatIsTooLongEndsIt) {
  start_with({.messages = {.head_bytes_max = 1'000}});
  auto peer = client();
  peer.send(request_text{.more = {"Subject: " + std::string(1'000, 'x')}}.text());
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "head_too_long") == 1; }));
  expect_closed(peer, io::close_reason::protocol_error);
}

TEST_F(SipFlow, OneHeaderTooManyGets513AndTheStreamGoesOn) {
  start_with({.messages = {.headers_max = 8}}); // The request has seven.
  auto peer = client();
  peer.send(request_text{.more = {"Subject: a"}}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
  peer.send(request_text{.branch = "z9hG4bK-2", .more = {"Subject: a", "Subject: b"}}.text());
  EXPECT_THAT(message_on(peer), StartsWith("SIP/2.0 513 "));
  peer.send(request_text{.branch = "z9hG4bK-3"}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 2; }));
}

TEST_F(SipFlow, ConflictingContentLengthsGet400AndEndIt) {
  start();
  auto peer = client();
  peer.send(request_text{.more = {"Content-Length: 5"}}.text());
  EXPECT_THAT(message_on(peer), StartsWith("SIP/2.0 400 "));
  EXPECT_EQ(count_of(counters().refused, "conflicting_content_length"), 1u);
  expect_closed(peer, io::close_reason::protocol_error);
}

TEST_F(SipFlow, AnotherVersionOfSipGets505AndTheStreamGoesOn) {
  start();
  auto peer = client();
  auto text = request_text{}.text();
  text.replace(text.find("SIP/2.0"), 7, "SIP/3.0");
  peer.send(text);
  EXPECT_THAT(message_on(peer), StartsWith("SIP/2.0 505 "));
  peer.send(request_text{}.text());
  ASSERT_TRUE(until([&] { return user_.requests.size() == 1; }));
}

TEST_F(SipFlow, ARequestThatNobodyCanAnswerIsDroppedAndCounted) {
  start();
  auto peer = client();
  peer.send("OPTIONS sip:edge.example SIP/2.0\r\nFrom\r\nContent-Length: 0\r\n\r\n"); // No Via, a broken line.
  ASSERT_TRUE(until([&] { return count_of(counters().dropped, "missing_colon") == 1; }));
  EXPECT_TRUE(user_.requests.empty());
}

TEST_F(SipFlow, ARequestThatFailsValidationIsRefusedBeforeTheUserHearsOfIt) {
  start();
  auto peer = client();
  peer.send(request_text{.more = {"Require: teleportation", "Proxy-Require: teleportation"}}.text());
  const auto answer = message_on(peer);
  EXPECT_THAT(answer, StartsWith("SIP/2.0 420 "));
  EXPECT_EQ(header_of(answer, "Unsupported"), "teleportation");
  EXPECT_TRUE(user_.requests.empty());
}

} // namespace
} // namespace sallyport::test
