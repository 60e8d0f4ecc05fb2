#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "net/sip/message_view.hpp"

namespace sallyport::sip {
namespace {

using std::string_literals::operator""s;

/// A small valid message with `extra` lines in its head.
std::string options_with(const std::string& extra, const std::string& body = "") {
  return "OPTIONS sip:bob@edge.example SIP/2.0\r\nVia: SIP/2.0/TCP a.example;branch=z9hG4bK1\r\n" + extra +
         "Call-ID: c1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::optional<parse_error> judge(const std::string& bytes, const message_limits& limits = {}) {
  message_view view;
  return view.parse(bytes, limits);
}

std::optional<parse_error> judge_start(const std::string& line) {
  return judge(line + "\r\nCall-ID: c\r\n\r\n");
}

} // namespace

TEST(SipMessage, ReadsARequest) {
  const auto bytes = options_with("To: <sip:bob@edge.example>\r\n", "hello");
  message_view view;
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_TRUE(view.is_request());
  EXPECT_EQ(view.method(), method::options);
  EXPECT_EQ(view.method_name(), "OPTIONS");
  EXPECT_EQ(view.request_uri(), "sip:bob@edge.example");
  EXPECT_EQ(view.start_line(), "OPTIONS sip:bob@edge.example SIP/2.0");
  EXPECT_EQ(view.status(), 0u);
  EXPECT_EQ(view.reason(), "");
  EXPECT_EQ(view.value(header_id::to), "<sip:bob@edge.example>");
  EXPECT_EQ(view.value(header_id::from), "");
  EXPECT_EQ(view.find(header_id::from), nullptr);
  EXPECT_EQ(view.headers().size(), 4u);
  EXPECT_EQ(view.body(), "hello");
  EXPECT_EQ(view.bytes(), bytes);
}

TEST(SipMessage, ReadsAResponseWithAndWithoutAPhrase) {
  message_view view;
  ASSERT_EQ(view.parse("SIP/2.0 486 Busy Here\r\n\r\n"), std::nullopt);
  EXPECT_FALSE(view.is_request());
  EXPECT_EQ(view.status(), 486u);
  EXPECT_EQ(view.reason(), "Busy Here");
  EXPECT_EQ(view.method_name(), "");
  EXPECT_EQ(view.request_uri(), "");
  ASSERT_EQ(view.parse("SIP/2.0 100 \r\n\r\n"), std::nullopt);
  EXPECT_EQ(view.status(), 100u);
  EXPECT_EQ(view.reason(), "");
}

TEST(SipMessage, TheVersionIsReadInAnyCase) {
  EXPECT_EQ(judge_start("OPTIONS sip:a@b sip/2.0"), std::nullopt);
  EXPECT_EQ(judge_start("sIp/2.0 200 OK"), std::nullopt);
}

TEST(SipMessage, AStartLineInErrorHasItsReason) {
  const std::pair<std::string, parse_error> cases[] = {
    {"", parse_error::bad_start_line},
    {"OPTIONS", parse_error::bad_start_line},
    {"OPTIONS sip:a@b", parse_error::bad_start_line},
    {"OPTIONS  sip:a@b SIP/2.0", parse_error::bad_start_line},
    {"OPTIONS sip:a@b  SIP/2.0", parse_error::bad_start_line},
    {"OPTIONS sip:a@b SIP/2.0 ", parse_error::bad_start_line},
    {"OPTIONS  SIP/2.0", parse_error::bad_start_line},
    {" OPTIONS sip:a@b SIP/2.0", parse_error::bad_start_line},
    {"OPT(IONS sip:a@b SIP/2.0", parse_error::bad_method},
    {"OPTIONS\tsip:a@b SIP/2.0", parse_error::bad_method},
    {"OPTIONS sip:a@b HTTP/1.1", parse_error::bad_start_line},
    {"OPTIONS sip:a@b SIP/2", parse_error::bad_start_line},
    {"OPTIONS sip:a@b SIP/2.x", parse_error::bad_start_line},
    {"OPTIONS sip:a@b SIP/2.1", parse_error::unsupported_version},
    {"OPTIONS sip:a@b SIP/12.0", parse_error::unsupported_version},
    {"OPTIONS <sip:a@b> SIP/2.0", parse_error::bad_request_uri},
    {"OPTIONS sip:a@b; lr SIP/2.0", parse_error::bad_start_line},
    {"OPTIONS a SIP/2.0", parse_error::bad_request_uri},
    {"OPTIONS :a SIP/2.0", parse_error::bad_request_uri},
    {"SIP/3.0 200 OK", parse_error::unsupported_version},
    {"SIP/2.0 200", parse_error::bad_start_line},
    {"SIP/2.0  200 OK", parse_error::bad_status},
    {"SIP/2.0 20 OK", parse_error::bad_status},
    {"SIP/2.0 099 OK", parse_error::bad_status},
    {"SIP/2.0 700 OK", parse_error::bad_status},
    {"SIP/2.0 4294967301 better not break", parse_error::bad_status},
  };
  for (const auto& [line, reason] : cases)
    EXPECT_EQ(judge_start(line), reason) << line;
}

TEST(SipMessage, AnUnreadableStatusIsStillAResponse) {
  message_view view;
  EXPECT_EQ(view.parse("SIP/2.0 99999 what\r\nCall-ID: x\r\n\r\n"), parse_error::bad_status);
  EXPECT_FALSE(view.is_request());
  EXPECT_EQ(view.value(header_id::call_id), "x");
}

TEST(SipMessage, FindsHeadersInAnyCaseCompactAndWithSpaceBeforeTheColon) {
  message_view view;
  const auto bytes = options_with("fRoM \t : <sip:a@b>;tag=1\r\nT:<sip:c@d>\r\ns :\r\n");
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(view.value(header_id::from), "<sip:a@b>;tag=1");
  EXPECT_EQ(view.name(*view.find(header_id::from)), "fRoM");
  EXPECT_EQ(view.value(header_id::to), "<sip:c@d>");
  EXPECT_EQ(view.value(header_id::subject), "");
  EXPECT_NE(view.find(header_id::subject), nullptr);
}

TEST(SipMessage, FoldedLinesAreOneField) {
  message_view view;
  const auto bytes = options_with("Subject:\r\n one\r\n\ttwo  \r\n  \r\nX-Last: 1\r\n");
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  const auto* subject = view.find(header_id::subject);
  ASSERT_NE(subject, nullptr);
  EXPECT_EQ(view.value(*subject), "one\r\n\ttwo");
  EXPECT_EQ(view.line(*subject), "Subject:\r\n one\r\n\ttwo  \r\n  \r\n");
  EXPECT_EQ(view.value(*view.find("x-LAST")), "1");
  EXPECT_EQ(view.find("X-None"), nullptr);
}

TEST(SipMessage, CountsFieldsOfOneName) {
  message_view view;
  const auto bytes = options_with("v: SIP/2.0/UDP b\r\nRoute: <sip:a>\r\nVIA: SIP/2.0/UDP c\r\n");
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(view.count(header_id::via), 3u);
  EXPECT_EQ(view.count(header_id::route), 1u);
  EXPECT_EQ(view.count(header_id::path), 0u);
}

TEST(SipMessage, AHeaderLineInErrorHasItsReasonAndTheOthersAreStillRead) {
  const std::pair<std::string, parse_error> cases[] = {
    {"No colon here\r\n", parse_error::missing_colon},
    {"Nocolon\r\n", parse_error::missing_colon},
    {": empty\r\n", parse_error::bad_header_name},
    {"Bad(name): 1\r\n", parse_error::bad_header_name},
    {"Sub\xC3\xA4: 1\r\n", parse_error::bad_header_name},
    {"Subject: a\nb\r\n", parse_error::bare_lf},
    {"Subject: a\rb\r\n", parse_error::bare_cr},
    {"Subject: a\r\rb\r\n", parse_error::bare_cr},
    {"Subject: a\0b\r\n"s, parse_error::control_character},
    {"Subject: a\x7F\r\n", parse_error::control_character},
    {"Subject: \\\x01\r\n", parse_error::control_character},
    {"Subject: \"a\\\\\x01\"\r\n", parse_error::control_character},
    {"Subject: \"a\" \\\x01\r\n", parse_error::control_character},
  };
  for (const auto& [line, reason] : cases) {
    message_view view;
    const auto bytes = options_with(line);
    EXPECT_EQ(view.parse(bytes), reason) << line;
    EXPECT_EQ(view.find(header_id::subject), nullptr) << line;
    EXPECT_EQ(view.value(header_id::call_id), "c1") << line;
    EXPECT_EQ(view.value(header_id::via), "SIP/2.0/TCP a.example;branch=z9hG4bK1") << line;
  }
}

TEST(SipMessage, AQuotedPairMakesAControlCharacterLegal) {
  message_view view;
  const auto bytes = options_with("To: \"NUL:\\\0 BEL:\\\x07 DEL:\\\x7F\" <sip:a@b>\r\n"s);
  ASSERT_EQ(view.parse(bytes), std::nullopt);
  EXPECT_EQ(view.value(header_id::to).size(), 32u);
}

TEST(SipMessage, AQuotedStringMayRunOverAFold) {
  EXPECT_EQ(judge(options_with("To: \"folded\r\n \\\x07\" <sip:a@b>\r\n")), std::nullopt);
}

TEST(SipMessage, AControlCharacterInTheStartLineHidesItsParts) {
  message_view view;
  EXPECT_EQ(view.parse("OPTIONS sip:\x01@b SIP/2.0\r\nCall-ID: 1\r\n\r\n"), parse_error::control_character);
  EXPECT_EQ(view.request_uri(), "");
  EXPECT_EQ(view.parse("SIP/2.0 200 \"\\\x01\"\r\nCall-ID: 1\r\n\r\n"), parse_error::control_character);
  EXPECT_EQ(view.reason(), "");
  EXPECT_FALSE(view.is_request());
  EXPECT_EQ(view.value(header_id::call_id), "1");
}

TEST(SipMessage, AKeepAliveIsEmpty) {
  EXPECT_EQ(judge("\r\n\r\n"), parse_error::empty);
  EXPECT_EQ(judge("\r\n\r\nOPTIONS sip:a@b SIP/2.0\r\n\r\n"), parse_error::bad_start_line);
}

TEST(SipMessage, Utf8PassesInValues) {
  message_view view;
  ASSERT_EQ(view.parse(options_with("Subject: \xE5\xA4\xA7\xE5\x81\x9C\xE9\x9B\xBB\r\n")), std::nullopt);
}

TEST(SipMessage, AFoldCannotFollowTheStartLine) {
  EXPECT_EQ(judge("OPTIONS sip:a@b SIP/2.0\r\n Via: x\r\n\r\n"), parse_error::bad_header_name);
}

TEST(SipMessage, TheHeadMustEnd) {
  const std::string whole = options_with("");
  for (std::size_t bytes = 1; bytes < whole.size(); ++bytes)
    EXPECT_EQ(judge(whole.substr(0, bytes)), parse_error::head_incomplete) << bytes;
  EXPECT_EQ(judge(""), parse_error::empty);
}

TEST(SipMessage, TheHeadMayBeAsLongAsItsLimitAndNoByteLonger) {
  const auto bytes = options_with("");
  EXPECT_EQ(judge(bytes, {.head_bytes_max = bytes.size()}), std::nullopt);
  EXPECT_EQ(judge(bytes, {.head_bytes_max = bytes.size() - 1}), parse_error::head_too_long);
}

TEST(SipMessage, OffsetsStayWithinTheirSixteenBits) {
  const message_limits limits{.head_bytes_max = 1 << 20};
  const auto with_head_of = [](std::size_t bytes) {
    const auto empty = options_with("X: \r\n");
    return options_with("X: " + std::string(bytes - empty.size(), 'x') + "\r\n");
  };
  EXPECT_EQ(judge(with_head_of(65535), limits), std::nullopt);
  EXPECT_EQ(judge(with_head_of(65536), limits), parse_error::head_too_long);
}

TEST(SipMessage, HasAsManyHeadersAsItsLimitAndNotOneMore) {
  const auto bytes = options_with("A: 1\r\n");
  EXPECT_EQ(judge(bytes, {.headers_max = 4}), std::nullopt);
  EXPECT_EQ(judge(bytes, {.headers_max = 3}), parse_error::too_many_headers);
}

TEST(SipMessage, IndexesStayWithinTheirEightBits) {
  const auto with_headers = [](std::size_t headers) {
    std::string extra;
    for (std::size_t i = 3; i < headers; ++i)
      extra += "Route: <sip:r>\r\n";
    return options_with(extra);
  };
  const message_limits limits{.headers_max = 1000};
  const auto most = with_headers(255);
  message_view view;
  ASSERT_EQ(view.parse(most, limits), std::nullopt);
  EXPECT_EQ(view.count(header_id::route), 252u);
  EXPECT_EQ(judge(with_headers(256), limits), parse_error::too_many_headers);
}

TEST(SipMessage, TheBodyMayBeAsLongAsItsLimitAndNoByteLonger) {
  EXPECT_EQ(judge(options_with("", "12345"), {.body_bytes_max = 5}), std::nullopt);
  EXPECT_EQ(judge(options_with("", "123456"), {.body_bytes_max = 5}), parse_error::body_too_long);
  EXPECT_EQ(judge("OPTIONS sip:a@b SIP/2.0\r\n\r\n123456", {.body_bytes_max = 5}), parse_error::body_too_long);
}

TEST(SipMessage, OctetsPastContentLengthAreIgnored) {
  message_view view;
  const auto bytes = options_with("", "hello");
  const auto longer = bytes + "INVITE sip:x@y SIP/2.0\r\n";
  ASSERT_EQ(view.parse(longer), std::nullopt);
  EXPECT_EQ(view.body(), "hello");
  EXPECT_EQ(view.bytes(), bytes);
}

TEST(SipMessage, WithoutContentLengthTheBodyIsTheRest) {
  message_view view;
  ASSERT_EQ(view.parse("MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\nrest"), std::nullopt);
  EXPECT_EQ(view.body(), "rest");
}

TEST(SipMessage, ContentLengthFrames) {
  const std::pair<std::string, std::optional<parse_error>> cases[] = {
    {"Content-Length: 4\r\n", std::nullopt},
    {"l:\r\n 0004\r\n", std::nullopt},
    {"Content-Length: 4\r\nl: 04\r\n", std::nullopt},
    {"Content-Length: 5\r\n", parse_error::body_incomplete},
    {"Content-Length: 4\r\nl: 3\r\n", parse_error::conflicting_content_length},
    {"Content-Length: 4, 4\r\n", parse_error::bad_content_length},
    {"Content-Length: -4\r\n", parse_error::bad_content_length},
    {"Content-Length: +4\r\n", parse_error::bad_content_length},
    {"Content-Length: 0x4\r\n", parse_error::bad_content_length},
    {"Content-Length:\r\n", parse_error::bad_content_length},
    {"Content-Length: 4 4\r\n", parse_error::bad_content_length},
    {"Content-Length: 18446744073709551620\r\n", parse_error::body_too_long},
  };
  for (const auto& [line, expected] : cases)
    EXPECT_EQ(judge("MESSAGE sip:a@b SIP/2.0\r\n" + line + "\r\nrest"), expected) << line;
}

TEST(SipMessage, IsParsedAgainWithoutTraceOfTheOneBefore) {
  message_view view;
  ASSERT_EQ(view.parse(options_with("Route: <sip:a>\r\nRoute: <sip:b>\r\n", "body")), std::nullopt);
  const std::string response = "SIP/2.0 200 OK\r\nTo: <sip:x@y>\r\n\r\n";
  ASSERT_EQ(view.parse(response), std::nullopt);
  EXPECT_EQ(view.count(header_id::route), 0u);
  EXPECT_EQ(view.headers().size(), 1u);
  EXPECT_EQ(view.body(), "");
  EXPECT_FALSE(view.is_request());
}

} // namespace sallyport::sip
