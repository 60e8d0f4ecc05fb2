#include <gtest/gtest.h>

#include <string>

#include "net/io/first_bytes.hpp"

namespace sallyport::io {
namespace {

using enum first_bytes_verdict;
using namespace std::string_literals;

first_bytes_verdict judge(std::string_view bytes, std::string_view alpn = "") {
  return judge_first_bytes(alpn, std::as_bytes(std::span{bytes}));
}

struct case_of {
  std::string bytes;
  first_bytes_verdict expected;
};

class FirstBytes : public testing::TestWithParam<case_of> {};

TEST_P(FirstBytes, AreToldApart) {
  EXPECT_EQ(judge(GetParam().bytes), GetParam().expected) << testing::PrintToString(GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
  Table, FirstBytes,
  testing::Values(
    case_of{"REGISTER sip:example.org SIP/2.0\r\n", sip}, case_of{"INVITE sips:a@example.org SIP/2.0\r\n", sip},
    case_of{"ACK tel:+1 SIP/2.0\r\n", sip}, case_of{"x-new.METHOD sip:a SIP/2.0\r\n", sip},
    case_of{"SIP/2.0 200 OK\r\n", sip}, case_of{"\r\n\r\n", sip}, case_of{"\r\nOPTIONS sip:a SIP/2.0", sip},
    case_of{"SUBSCRIBE sip:a SIP/2.0", sip}, case_of{"GETAWAY sip:a SIP/2.0", sip},
    case_of{"GET /ws HTTP/1.1\r\n", websocket}, case_of{"GET ", websocket},
    case_of{"\x00\x01\x00\x00\x21\x12\xA4\x42"s, stun}, case_of{"\x00\x03\x00\x08\x21\x12\xA4\x42 more"s, stun},
    case_of{"\x40\x00\x00\x08"s, stun}, case_of{"\x4F\xFF\x00\x08"s, stun}, case_of{"\x40"s, stun},
    case_of{"", need_more}, case_of{"\r", need_more}, case_of{"\r\n", need_more}, case_of{"\r\n\r", need_more},
    case_of{"G", need_more}, case_of{"GET", need_more}, case_of{"S", need_more}, case_of{"SIP/2", need_more},
    case_of{"REGISTER", need_more}, case_of{"REGISTER ", need_more}, case_of{"\x00"s, need_more},
    case_of{"\x00\x01\x00\x00\x21\x12\xA4"s, need_more}, case_of{std::string(63, 'A'), need_more},
    case_of{std::string(64, 'A'), unknown}, case_of{std::string(64, 'A') + " sip:a", unknown},
    case_of{"\x00\x01\x00\x00\x21\x12\xA4\x43"s, unknown}, case_of{"\x16\x03\x01\x02\x00\x01\x00\x01"s, unknown},
    case_of{"POST / HTTP/1.1\r\n", unknown}, case_of{"HTTP/1.1 200 OK\r\n", unknown},
    case_of{"SSH-2.0-OpenSSH\r\n", unknown}, case_of{" INVITE sip:a", unknown}, case_of{"\x80\x60\x00\x01"s, unknown},
    case_of{"\x50\x00\x00\x08"s, unknown}, case_of{"SIP/3.0 200 OK", unknown}));

TEST(FirstBytes, AlpnDecidesBeforeTheFirstByte) {
  EXPECT_EQ(judge("", "sip/2"), sip);
  EXPECT_EQ(judge("", "stun.turn"), stun);
  EXPECT_EQ(judge("", "stun.nat-discovery"), stun);
  EXPECT_EQ(judge("", "http/1.1"), websocket);
  EXPECT_EQ(judge("", "h2"), need_more);
}

TEST(FirstBytes, ADecisionHoldsHoweverManyBytesFollow) {
  // Whatever is decided on a prefix is decided on the whole: bytes may come one by one.
  for (const auto& whole : {"REGISTER sip:a SIP/2.0\r\n"s, "SIP/2.0 100 Trying\r\n"s, "GET / HTTP/1.1\r\n"s,
                            "\r\n\r\n"s, "\x00\x01\x00\x00\x21\x12\xA4\x42 and more"s, "POST / HTTP/1.1"s}) {
    auto decided = need_more;
    for (std::size_t size = 0; size <= whole.size(); ++size) {
      const auto judged = judge(std::string_view{whole}.substr(0, size));
      EXPECT_TRUE(decided == need_more || judged == decided) << whole << " at " << size;
      decided = judged;
    }
    EXPECT_NE(decided, need_more) << whole;
  }
}

} // namespace
} // namespace sallyport::io
