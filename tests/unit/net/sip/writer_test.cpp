#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>

#include "net/sip/message.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {
namespace {

message parsed(const std::string& bytes) {
  return message::parse(bytes).value();
}

const std::string invite = "INVITE sip:bob@edge.example SIP/2.0\r\n"
                           "Via: SIP/2.0/TLS top;branch=z9hG4bK1, SIP/2.0/TLS second;branch=z9hG4bK2\r\n"
                           "v: SIP/2.0/UDP third;branch=z9hG4bK3\r\n"
                           "Route: <sip:r1;lr>\r\n"
                           "Max-Forwards: 12\r\n"
                           "Timestamp: 54\r\n"
                           "f: <sip:alice@a>;tag=a1\r\n"
                           "To: <sip:bob@b>\r\n"
                           "Call-ID: c1\r\n"
                           "Route: <sip:r2;lr>\r\n"
                           "Require: 100rel\r\n"
                           "CSeq: 0042 INVITE\r\n"
                           "Content-Length: 4\r\n"
                           "\r\nbody";

} // namespace

TEST(SipWriter, AnAnswerTakesFromTheRequestWhatTheRfcNames) {
  const auto request = parsed(invite);
  const std::array extra{header_text{"Retry-After", "5"}};
  EXPECT_EQ(write_response(*request, 503, "", "t9", extra),
            "SIP/2.0 503 Service Unavailable\r\n"
            "Via: SIP/2.0/TLS top;branch=z9hG4bK1, SIP/2.0/TLS second;branch=z9hG4bK2\r\n"
            "v: SIP/2.0/UDP third;branch=z9hG4bK3\r\n"
            "f: <sip:alice@a>;tag=a1\r\n"
            "To: <sip:bob@b>;tag=t9\r\n"
            "Call-ID: c1\r\n"
            "CSeq: 0042 INVITE\r\n"
            "Retry-After: 5\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(SipWriter, ATryingHasTheTimestampAndNoTag) {
  const auto request = parsed(invite);
  const auto response = write_response(*request, 100, "", "t9");
  EXPECT_NE(response.find("\r\nTimestamp: 54\r\n"), std::string::npos);
  EXPECT_NE(response.find("\r\nTo: <sip:bob@b>\r\n"), std::string::npos);
}

TEST(SipWriter, ATagThatIsThereStays) {
  const auto request = parsed("BYE sip:a@b SIP/2.0\r\nTo: <sip:bob@b>;tag=old\r\n\r\n");
  EXPECT_EQ(write_response(*request, 481, "Gone Away", "new"),
            "SIP/2.0 481 Gone Away\r\nTo: <sip:bob@b>;tag=old\r\nContent-Length: 0\r\n\r\n");
}

TEST(SipWriter, ARequestInErrorCanStillBeRefused) {
  message_view request;
  ASSERT_EQ(request.parse("INVITE  sip:a@b  SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nNo colon\r\nCall-ID: 7\r\n\r\n"),
            parse_error::bad_start_line);
  EXPECT_EQ(write_response(request, 400, "", "t"),
            "SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP x\r\nCall-ID: 7\r\nContent-Length: 0\r\n\r\n");
}

TEST(SipWriter, ACancelIsMadeOfTheRequestAsSent) {
  const auto sent = parsed(invite);
  EXPECT_EQ(write_cancel(*sent), "CANCEL sip:bob@edge.example SIP/2.0\r\n"
                                 "Via: SIP/2.0/TLS top;branch=z9hG4bK1\r\n"
                                 "Route: <sip:r1;lr>\r\n"
                                 "Route: <sip:r2;lr>\r\n"
                                 "Max-Forwards: 70\r\n"
                                 "f: <sip:alice@a>;tag=a1\r\n"
                                 "To: <sip:bob@b>\r\n"
                                 "Call-ID: c1\r\n"
                                 "CSeq: 42 CANCEL\r\n"
                                 "Content-Length: 0\r\n\r\n");
}

TEST(SipWriter, AnAckTakesToFromTheResponse) {
  const auto sent = parsed(invite);
  const auto response = parsed("SIP/2.0 486 Busy Here\r\nTo: <sip:bob@b>;tag=b1\r\n\r\n");
  const auto ack = write_ack(*sent, *response);
  EXPECT_NE(ack.find("\r\nTo: <sip:bob@b>;tag=b1\r\n"), std::string::npos);
  EXPECT_NE(ack.find("\r\nCSeq: 42 ACK\r\n"), std::string::npos);
  EXPECT_TRUE(ack.starts_with("ACK sip:bob@edge.example SIP/2.0\r\nVia: SIP/2.0/TLS top;branch=z9hG4bK1\r\n"));
}

TEST(SipWriter, WhatItWritesIsReadBack) {
  const auto request = parsed(invite);
  for (const auto& bytes :
       {write_response(*request, 200, "", "t"), write_cancel(*request), write_ack(*request, *request)}) {
    message_view view;
    EXPECT_EQ(view.parse(bytes), std::nullopt) << bytes;
    EXPECT_EQ(view.bytes(), bytes);
  }
}

TEST(SipWriter, ATextThatWouldEndItsLineThrows) {
  const auto request = parsed(invite);
  const std::array extra{header_text{"X", "1\r\nY: 2"}};
  EXPECT_THROW((void)write_response(*request, 200, "", "t", extra), std::invalid_argument);
  EXPECT_THROW((void)write_response(*request, 200, "OK\r\nX: 1", "t"), std::invalid_argument);
  EXPECT_THROW((void)write_response(*request, 200, "", "t\r\nX: 1"), std::invalid_argument);
}

TEST(SipWriter, EveryStatusHasAPhrase) {
  EXPECT_EQ(default_reason(200), "OK");
  EXPECT_EQ(default_reason(430), "Flow Failed");
  EXPECT_EQ(default_reason(483), "Too Many Hops");
  EXPECT_EQ(default_reason(513), "Message Too Large");
  EXPECT_EQ(default_reason(499), "Bad Request");
  EXPECT_EQ(default_reason(699), "Busy Everywhere");
  EXPECT_EQ(default_reason(99), "Unknown");
}

} // namespace sallyport::sip
