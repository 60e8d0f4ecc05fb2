#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/sip/framer.hpp"
#include "tests/support/sip/rfc4475.hpp"

namespace sallyport::sip {
namespace {

using kind = frame::kind_type;

std::string message_with(const std::string& body) {
  return "MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// Everything that comes out of one push, as text: messages, "PING", and the reason at the end.
void drain(framer& from, std::vector<std::string>& out) {
  for (;;) {
    const auto next = from.next();
    if (next.kind == kind::need_more)
      return;
    if (next.kind == kind::failed) {
      const std::string reason{to_string(*from.error())};
      if (out.empty() || out.back() != reason)
        out.push_back(reason);
      return;
    }
    out.emplace_back(next.kind == kind::ping ? "PING" : next.bytes);
  }
}

std::vector<std::string> frames_of(std::initializer_list<std::string_view> chunks, const message_limits& limits = {}) {
  framer stream{limits};
  std::vector<std::string> out;
  for (const auto chunk : chunks) {
    const std::string copy{chunk}; // The pushed bytes are gone after each round, as a read buffer's are.
    stream.push(copy);
    drain(stream, out);
  }
  return out;
}

std::vector<std::string> frames_of_drip(std::string_view bytes, std::size_t at_once) {
  framer stream;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < bytes.size(); i += at_once) {
    const std::string copy{bytes.substr(i, at_once)};
    stream.push(copy);
    drain(stream, out);
  }
  return out;
}

std::string failure_of(std::string_view bytes, const message_limits& limits = {}) {
  const auto out = frames_of({bytes}, limits);
  return out.empty() ? "" : out.back();
}

} // namespace

TEST(SipFramer, HandsAWholeMessageOutOfTheCallersOwnBytes) {
  framer stream;
  const auto bytes = message_with("hello");
  stream.push(bytes);
  const auto first = stream.next();
  EXPECT_EQ(first.kind, kind::message);
  EXPECT_EQ(first.bytes.data(), bytes.data());
  EXPECT_EQ(first.bytes, bytes);
  EXPECT_EQ(stream.next().kind, kind::need_more);
  EXPECT_EQ(stream.capacity_bytes(), 0u);
  EXPECT_FALSE(stream.mid_message());
}

TEST(SipFramer, PipelinedMessagesComeOutInOrder) {
  const auto one = message_with("one"), two = message_with(""), three = message_with("\r\n\r\n");
  EXPECT_THAT(frames_of({one + two + three}), testing::ElementsAre(one, two, three));
}

TEST(SipFramer, EverySplitGivesTheSameMessages) {
  const auto bytes = message_with("one") + "\r\n" + message_with("") + "\r\n\r\n\r\n" + message_with("a\r\n\r\nb");
  const auto expected = frames_of({bytes});
  ASSERT_EQ(expected.size(), 4u);
  for (std::size_t i = 0; i <= bytes.size(); ++i)
    EXPECT_EQ(frames_of({std::string_view{bytes}.substr(0, i), std::string_view{bytes}.substr(i)}), expected) << i;
  for (std::size_t at_once = 1; at_once < 40; ++at_once)
    EXPECT_EQ(frames_of_drip(bytes, at_once), expected) << at_once;
}

TEST(SipFramer, EverySplitOfTheTortureMessagesGivesTheSameResult) {
  for (const auto& [name, torture] : rfc4475_messages()) {
    // What follows must still come out where the framing allows it, and must not where the stream has failed.
    const auto bytes = torture + message_with("after");
    const auto expected = frames_of({bytes});
    EXPECT_EQ(frames_of_drip(bytes, 1), expected) << name;
    for (std::size_t i = 0; i <= bytes.size(); i += bytes.size() > 1000 ? 7 : 1)
      EXPECT_EQ(frames_of({std::string_view{bytes}.substr(0, i), std::string_view{bytes}.substr(i)}), expected)
        << name << " at " << i;
  }
}

TEST(SipFramer, ADoubleCrlfIsAPingAndASingleOneIsNothing) {
  EXPECT_THAT(frames_of({"\r\n\r\n"}), testing::ElementsAre("PING"));
  EXPECT_THAT(frames_of({"\r\n\r", "\n"}), testing::ElementsAre("PING"));
  EXPECT_THAT(frames_of({"\r\n\r\n\r\n\r\n"}), testing::ElementsAre("PING", "PING"));
  EXPECT_THAT(frames_of({"\r\n"}), testing::ElementsAre());
  EXPECT_THAT(frames_of({"\r\n" + message_with("x")}), testing::ElementsAre(message_with("x")));
}

TEST(SipFramer, HoldsNothingBetweenMessages) {
  framer stream;
  const auto bytes = message_with(std::string(1000, 'x'));
  std::vector<std::string> out;
  stream.push(std::string_view{bytes}.substr(0, 500));
  drain(stream, out);
  EXPECT_TRUE(stream.mid_message());
  EXPECT_EQ(stream.buffered_bytes(), 500u);
  EXPECT_GE(stream.capacity_bytes(), 500u);
  stream.push(std::string_view{bytes}.substr(500));
  drain(stream, out);
  EXPECT_THAT(out, testing::ElementsAre(bytes));
  EXPECT_FALSE(stream.mid_message());
  EXPECT_EQ(stream.capacity_bytes(), 0u);
  stream.push("\r\n\r");
  drain(stream, out);
  EXPECT_FALSE(stream.mid_message());
  EXPECT_EQ(stream.capacity_bytes(), 0u);
}

TEST(SipFramer, AnnouncedBytesAreNotReservedBeforeTheyCome) {
  framer stream;
  stream.push("MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 40000\r\n\r\n");
  EXPECT_EQ(stream.next().kind, kind::need_more);
  EXPECT_LT(stream.capacity_bytes(), 1000u);
}

TEST(SipFramer, WhatCannotBeFramedFailsWithItsReason) {
  const std::string start = "MESSAGE sip:a@b SIP/2.0\r\n";
  const std::pair<std::string, std::string> cases[] = {
    {"GET / HTTP/1.1\r\n", "not_sip"},
    {"\x16\x03\x01\x02", "not_sip"},
    {" INVITE", "not_sip"},
    {"\nINVITE", "bare_lf"},
    {"\rINVITE", "bare_cr"},
    {"\r\n\rINVITE", "bare_cr"},
    {"MESSAGE sip:a@b SIP/2.0\n", "bare_lf"},
    {start + "Call-ID: 1\n\n", "bare_lf"},
    {start + "Call-ID: 1\r\n\r\n", "missing_content_length"},
    {start + "l: 1\r\nContent-Length: 2\r\n\r\n", "conflicting_content_length"},
    {start + "Content-Length: -1\r\n\r\n", "bad_content_length"},
    {start + "Content-Length: 1, 1\r\n\r\n", "bad_content_length"},
  };
  for (const auto& [bytes, reason] : cases) {
    EXPECT_EQ(failure_of(bytes), reason) << bytes;
    EXPECT_EQ(frames_of_drip(bytes, 1).back(), reason) << bytes;
  }
}

TEST(SipFramer, AnotherVersionIsStillFramedSoThatItCanBeAnswered) {
  EXPECT_EQ(frames_of({"OPTIONS sip:a@b SIP/7.0\r\nl: 0\r\n\r\n"}).size(), 1u);
}

TEST(SipFramer, ContentLengthIsFoundCompactFoldedAndSpaced) {
  for (const std::string line : {"l:3", "L : 3", "CONTENT-length\t:\r\n 3", "content-Length: 003\r\nl:3"}) {
    const auto bytes = "MESSAGE sip:a@b SIP/2.0\r\nContact: <sip:c>\r\nLast: 9\r\n" + line + "\r\nX: 1\r\n\r\nabc";
    EXPECT_THAT(frames_of({bytes}), testing::ElementsAre(bytes)) << line;
  }
}

TEST(SipFramer, AFailedHeadIsHandedOutSoThatItCanBeRefused) {
  framer stream;
  const std::string bytes = "MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n";
  const auto longer = bytes + "tail";
  stream.push(longer);
  const auto failed = stream.next();
  EXPECT_EQ(failed.kind, kind::failed);
  EXPECT_EQ(failed.bytes, bytes);
}

TEST(SipFramer, StaysFailed) {
  framer stream;
  stream.push("GET / HTTP/1.1\r\n");
  EXPECT_EQ(stream.next().kind, kind::failed);
  stream.push(message_with("x"));
  EXPECT_EQ(stream.next().kind, kind::failed);
  EXPECT_EQ(stream.error(), parse_error::not_sip);
}

TEST(SipFramer, TheHeadMayBeAsLongAsItsLimitAndNoByteLonger) {
  const auto bytes = message_with("");
  EXPECT_THAT(frames_of({bytes}, {.head_bytes_max = bytes.size()}), testing::ElementsAre(bytes));
  EXPECT_EQ(failure_of(bytes, {.head_bytes_max = bytes.size() - 1}), "head_too_long");
}

TEST(SipFramer, AHeadThatNeverEndsFailsAtTheLimit) {
  framer stream;
  std::vector<std::string> out;
  stream.push("MESSAGE sip:a@b SIP/2.0\r\n");
  std::size_t most = 0;
  for (int i = 0; i < 40'000 && out.empty(); ++i) {
    drain(stream, out);
    stream.push("X");
    most = std::max(most, stream.capacity_bytes());
  }
  EXPECT_THAT(out, testing::ElementsAre("head_too_long"));
  EXPECT_LE(most, 40'000u);
}

TEST(SipFramer, TheBodyMayBeAsLongAsItsLimitAndNoByteLonger) {
  const auto bytes = message_with("12345");
  EXPECT_THAT(frames_of({bytes}, {.body_bytes_max = 5}), testing::ElementsAre(bytes));
  EXPECT_EQ(failure_of(message_with("123456"), {.body_bytes_max = 5}), "body_too_long");
}

} // namespace sallyport::sip
