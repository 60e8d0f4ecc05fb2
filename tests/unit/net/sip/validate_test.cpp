#include <gtest/gtest.h>

#include "net/sip/branch.hpp"
#include "net/sip/loop.hpp"
#include "net/sip/validate.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

class Validate : public testing::Test {
protected:
  std::optional<refusal> judge(const std::string& text) {
    const auto request = parsed(text);
    auto read = read_request(*request, {.identity = &identity_, .tokens = here_.tokens.get(), .loop_key = &loop_key_});
    return read ? std::nullopt : std::optional{std::move(read.error())};
  }
  unsigned status(const request_text& request) {
    const auto refused = judge(request.text());
    return refused ? refused->status : 0;
  }

  edge_identity identity_ = test_identity();
  session_facts here_ = test_facts();
  keyed_hash loop_key_{test_key(2)};
};

std::string without(std::string text, std::string_view line_begin) {
  const auto begin = text.find(line_begin);
  return text.erase(begin, text.find("\r\n", begin) + 2 - begin);
}

} // namespace

TEST_F(Validate, PassesAnOrdinaryRequest) {
  EXPECT_FALSE(judge(request_text{}.text()));
}

TEST_F(Validate, EachMandatoryHeaderIsMissed) {
  for (const char* name : {"Via:", "From:", "To:", "Call-ID:", "CSeq:"})
    EXPECT_EQ(judge(without(request_text{}.text(), name)).value_or(refusal{}).reason, "Missing Header Field") << name;
  EXPECT_EQ(status({.max_forwards = ""}), 0U) << "RFC 3261, 16.3 step 3: a request without Max-Forwards passes";
}

TEST_F(Validate, WhatMayStandOnceMayNotStandTwice) {
  for (const char* line : {"From: <sip:x@y>;tag=2\r\n", "To: <sip:x@y>\r\n", "Call-ID: 2\r\n", "CSeq: 1 INVITE\r\n",
                           "Max-Forwards: 3\r\n", "Content-Type: a/b\r\nContent-Type: c/d\r\n"})
    EXPECT_EQ(status({.extra = line}), 400U) << line;
}

TEST_F(Validate, BadValuesOfWhatWeUseAreRefused) {
  EXPECT_EQ(status({.via = "SIP/2.0/TLS 192.0.2.10;;"}), 400U);
  EXPECT_EQ(status({.from = "\"Alice <sip:a@b>;tag=1"}), 400U);
  EXPECT_EQ(status({.to = "< sip:a@b >"}), 400U);
  EXPECT_EQ(status({.extra = "Route: <nonsense\r\n"}), 400U);
  EXPECT_EQ(status({.max_forwards = "many"}), 400U);
  EXPECT_EQ(status({.max_forwards = "256"}), 400U);
  EXPECT_EQ(status({.extra = "Max-Breadth: wide\r\n"}), 400U);
  auto mismatch = request_text{}.text();
  mismatch.replace(mismatch.find("1 INVITE"), 8, "1 UPDATE");
  EXPECT_EQ(judge(mismatch)->status, 400U);
}

TEST_F(Validate, BadValuesOfWhatWeDoNotUsePass) { // RFC 3261, 16.3 step 1
  EXPECT_EQ(status({.extra = "Contact: <<>>\r\nDate: yesterday\r\nExpires: soon\r\nAccept: text/odd\r\n"}), 0U);
}

TEST_F(Validate, OneHopIsTheLast) {
  EXPECT_EQ(status({.max_forwards = "1"}), 0U);
  EXPECT_EQ(status({.max_forwards = "0"}), 483U);
  EXPECT_EQ(status({.method = "OPTIONS", .max_forwards = "0"}), 483U);
}

TEST_F(Validate, SchemesThatTheInsideMayRouteByPassAndNoOther) {
  for (const char* uri :
       {"sip:bob@example.com", "sips:bob@example.com", "tel:+15551234", "TEL:+15551234", "urn:service:sos"})
    EXPECT_EQ(status({.uri = uri}), 0U) << uri;
  for (const char* uri : {"http://example.com/", "mailto:bob@example.com", "xyz:1"})
    EXPECT_EQ(status({.uri = uri}), 416U) << uri;
  EXPECT_EQ(status({.uri = "sip:bob@example.com?Route=%3Csip:x%3E"}), 400U);
}

TEST_F(Validate, AProxyRequireIsNamedAsUnsupportedButNeverToAnAckOrCancel) {
  const request_text request{.extra = "Proxy-Require: foo\r\nProxy-Require: bar, baz\r\nRequire: 100rel\r\n"};
  const auto refused = judge(request.text());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 420U);
  EXPECT_EQ(refused->header_name, "Unsupported");
  EXPECT_EQ(refused->header_value, "foo, bar, baz");
  for (const char* name : {"ACK", "CANCEL"}) {
    auto other = request;
    other.method = name;
    EXPECT_EQ(status(other), 0U);
  }
}

TEST_F(Validate, NoBreadthIsLeft) { // RFC 5393, 5.3.3
  EXPECT_EQ(status({.extra = "Max-Breadth: 1\r\n"}), 0U);
  EXPECT_EQ(status({.extra = "Max-Breadth: 0\r\n"}), 440U);
}

TEST_F(Validate, ASessionTimerTooShortIsToldTheShortestIfItsSenderUnderstands) { // RFC 4028, 8.1
  const auto refused = judge(request_text{.extra = "Supported: path, timer\r\nSession-Expires: 89\r\n"}.text());
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 422U);
  EXPECT_EQ(refused->header_name, "Min-SE");
  EXPECT_EQ(refused->header_value, "90");
  EXPECT_EQ(status({.extra = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n"}), 0U);
  EXPECT_EQ(status({.extra = "Session-Expires: 30\r\n"}), 0U) << "a 422 would mean nothing to it";
}

TEST_F(Validate, ALoopIsToldFromASpiral) { // RFC 3261, 16.3 step 4; RFC 5393, 4.2
  const auto first = parsed(request_text{}.text());
  const auto read = facts_of(*first);
  const auto branch = write_branch({1, 0, 1, 1}, 1, 1, hash_for_loops(*first, read.from.tag.in(*first), "", loop_key_));
  request_text back{.via = "SIP/2.0/TCP proxy.example;branch=z9hG4bKproxy, SIP/2.0/TLS 10.0.0.1:5061;branch=" + branch +
                           ", SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKclient1"};
  EXPECT_EQ(status(back), 482U);
  auto spiral = back;
  spiral.uri = "sip:bob@10.0.0.9";
  EXPECT_EQ(status(spiral), 0U) << "another Request-URI";
  spiral = back;
  spiral.extra = "Route: <sip:elsewhere.example;lr>\r\n";
  EXPECT_EQ(status(spiral), 0U) << "another Route";
  auto foreign = back;
  foreign.via = "SIP/2.0/TLS 10.0.0.2:5061;branch=" + branch;
  EXPECT_EQ(status(foreign), 0U) << "the hash counts only under our own sent-by";
}

TEST(RefuseUnparsed, AnswersByTheReason) {
  EXPECT_EQ(refuse_unparsed(parse_error::unsupported_version).status, 505U);
  EXPECT_EQ(refuse_unparsed(parse_error::head_too_long).status, 513U);
  EXPECT_EQ(refuse_unparsed(parse_error::body_too_long).status, 513U);
  EXPECT_EQ(refuse_unparsed(parse_error::body_incomplete).status, 400U);
}

namespace {

std::optional<response_fault> judge_response(const std::string& vias, std::string_view cseq = "1 INVITE") {
  const auto response =
    parsed("SIP/2.0 200 OK\r\n" + vias + "From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: 1\r\nCSeq: " +
           std::string{cseq} + "\r\nContent-Length: 0\r\n\r\n");
  return validate_response(*response, test_identity());
}

const std::string our_via = "Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKours\r\n";

} // namespace

TEST(ValidateResponse, PassesOneThatCameBackThroughUs) {
  EXPECT_EQ(judge_response(our_via + "Via: SIP/2.0/TLS 192.0.2.10\r\n"), std::nullopt);
}

TEST(ValidateResponse, DropsOneThatIsNotForUsOrAnswersNothingOfOurs) {
  EXPECT_EQ(judge_response("Via: SIP/2.0/TLS 10.0.0.2:5061\r\nVia: SIP/2.0/TLS 192.0.2.10\r\n"),
            response_fault::not_our_via);
  EXPECT_EQ(judge_response(our_via), response_fault::no_client_via);
  EXPECT_EQ(judge_response(our_via, "1 CANCEL"), std::nullopt) << "our own CANCEL starts here";
  EXPECT_EQ(judge_response(""), response_fault::missing_header);
  EXPECT_EQ(judge_response(our_via + "Via: SIP/2.0/TLS\r\n"), response_fault::bad_header);
  EXPECT_EQ(judge_response(our_via + "Via: SIP/2.0/TLS x\r\n", "99999999999 INVITE"), response_fault::bad_header);
  EXPECT_EQ(judge_response(our_via + "Via: SIP/2.0/TLS x\r\nCall-ID: 2\r\n"), response_fault::duplicate_header);
}

TEST(ValidateResponse, DropsOneThatWouldLeadToAGroupAddress) { // RFC 4475, 3.3.10
  for (const char* via : {"255.255.255.255", "239.1.2.3", "[ff02::1]", "192.0.2.10;received=255.255.255.255",
                          "192.0.2.10;maddr=224.0.1.75"})
    EXPECT_EQ(judge_response(our_via + "Via: SIP/2.0/UDP " + via + "\r\n"), response_fault::bad_client_via) << via;
}

} // namespace sallyport::sip
