#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "net/sip/rewrite.hpp"
#include "tests/support/sip/rfc4475.hpp"

namespace sallyport::sip {
namespace {

const std::string text = "INVITE sip:bob@edge.example SIP/2.0\r\n"
                         "Via: one ,  two\r\n"
                         "v:three\r\n"
                         "Route: <sip:r1;lr>,\r\n <sip:r2;lr>  ,<sip:r3;lr>\r\n"
                         "X-Odd  :  kept   as is \r\n"
                         "Route: <sip:r4;lr>\r\n"
                         "Max-Forwards: 70\r\n"
                         "Content-Length: 4\r\n"
                         "\r\nbody";

class SipRewrite : public testing::Test {
protected:
  SipRewrite() { EXPECT_EQ(view_.parse(text), std::nullopt); }

  /// `text` with one part replaced.
  static std::string with(std::string_view old_part, std::string_view new_part) {
    std::string changed = text;
    return changed.replace(changed.find(old_part), old_part.size(), new_part);
  }

  message_view view_;
  rewrite edit_{view_};
};

} // namespace

TEST_F(SipRewrite, WithoutEditsTheResultIsTheOriginal) {
  EXPECT_EQ(edit_.finish(), text);
}

TEST(SipRewriteTorture, WithoutEditsTheResultIsTheOriginal) {
  for (const auto& [name, bytes] : rfc4475_messages()) {
    message_view view;
    (void)view.parse(bytes); // Those in error can be written too: as they came.
    EXPECT_EQ(rewrite{view}.finish(), view.bytes()) << name;
  }
}

TEST_F(SipRewrite, StartLineAndRequestUriAreReplaced) {
  EXPECT_EQ(edit_.request_uri("sip:new@host").finish(), with("sip:bob@edge.example", "sip:new@host"));
  EXPECT_EQ(edit_.start_line("SIP/2.0 200 OK").finish(), with("INVITE sip:bob@edge.example SIP/2.0", "SIP/2.0 200 OK"));
}

TEST_F(SipRewrite, OfSeveralPrependedFieldsTheLaterStandsHigher) {
  edit_.prepend(header_id::via, "first").prepend(header_id::record_route, "second").prepend("X-New", "third");
  EXPECT_EQ(edit_.finish(), with("Via: one", "X-New: third\r\nRecord-Route: second\r\nVia: first\r\nVia: one"));
}

TEST_F(SipRewrite, OfSeveralAppendedFieldsTheLaterStandsLower) {
  edit_.append(header_id::path, "<sip:p>").append("X-New", "v");
  EXPECT_EQ(edit_.finish(), with("Length: 4\r\n", "Length: 4\r\nPath: <sip:p>\r\nX-New: v\r\n"));
}

TEST_F(SipRewrite, AFieldGoesBeforeTheFirstOfItsName) {
  edit_.insert_before_first(header_id::route, "<sip:b>").insert_before_first(header_id::route, "<sip:a>");
  EXPECT_EQ(edit_.finish(), with("Route: <sip:r1", "Route: <sip:a>\r\nRoute: <sip:b>\r\nRoute: <sip:r1"));
}

TEST_F(SipRewrite, AFieldOfANewNameGoesAboveAllOthers) {
  edit_.insert_before_first(header_id::record_route, "<sip:a>");
  EXPECT_EQ(edit_.finish(), with("Via: one", "Record-Route: <sip:a>\r\nVia: one"));
}

TEST_F(SipRewrite, ReplacesAndRemovesFieldsByIndex) {
  EXPECT_EQ(edit_.replace(5, "69").finish(), with("70", "69"));
  EXPECT_EQ(edit_.replace(5, "68").finish(), with("70", "68"));
  EXPECT_EQ(edit_.remove(5).finish(), with("Max-Forwards: 70\r\n", ""));
}

TEST_F(SipRewrite, RemovesTheValuesOfAListOneByOneAndTheFieldWithTheLast) {
  EXPECT_TRUE(edit_.remove_first_value(header_id::route));
  EXPECT_EQ(edit_.finish(), with("<sip:r1;lr>,\r\n <sip:r2", "<sip:r2"));
  EXPECT_TRUE(edit_.remove_first_value(header_id::route));
  EXPECT_EQ(edit_.finish(), with("<sip:r1;lr>,\r\n <sip:r2;lr>  ,<sip:r3", "<sip:r3"));
  EXPECT_TRUE(edit_.remove_first_value(header_id::route));
  const auto third = with("Route: <sip:r1;lr>,\r\n <sip:r2;lr>  ,<sip:r3;lr>\r\n", "");
  EXPECT_EQ(edit_.finish(), third);
  EXPECT_TRUE(edit_.remove_first_value(header_id::route));
  EXPECT_EQ(edit_.finish().find("Route"), std::string::npos);
  EXPECT_FALSE(edit_.remove_first_value(header_id::route));
  EXPECT_FALSE(edit_.remove_first_value(header_id::path));
}

TEST_F(SipRewrite, ReplacesTheFirstValueThatIsStillThere) {
  EXPECT_TRUE(edit_.replace_first_value(header_id::via, "ONE"));
  EXPECT_EQ(edit_.finish(), with("one ,", "ONE ,"));
  EXPECT_TRUE(edit_.remove_first_value(header_id::via));
  EXPECT_TRUE(edit_.replace_first_value(header_id::via, "TWO"));
  EXPECT_EQ(edit_.finish(), with("one ,  two", "TWO"));
  EXPECT_FALSE(edit_.replace_first_value(header_id::path, "x"));
}

TEST_F(SipRewrite, ANewFirstFieldMayTakeTheOldOnesPlace) {
  edit_.remove_first_value(header_id::via);
  edit_.remove_first_value(header_id::via);
  edit_.prepend(header_id::via, "mine");
  EXPECT_EQ(edit_.finish(), with("Via: one ,  two\r\n", "Via: mine\r\n"));
}

TEST_F(SipRewrite, RemovesAllFieldsOfOneName) {
  edit_.remove_all(header_id::route).remove_all(header_id::p_asserted_identity);
  const auto result = edit_.finish();
  EXPECT_EQ(result.find("Route"), std::string::npos);
  EXPECT_NE(result.find("X-Odd  :  kept   as is \r\n"), std::string::npos);
}

TEST_F(SipRewrite, AddsContentLengthOnlyWhereItIsMissing) {
  EXPECT_EQ(edit_.ensure_content_length().finish(), text);
  message_view view;
  ASSERT_EQ(view.parse("MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\nrest"), std::nullopt);
  EXPECT_EQ(rewrite{view}.ensure_content_length().finish(),
            "MESSAGE sip:a@b SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 4\r\n\r\nrest");
}

TEST(SipRewriteEmpty, AMessageWithoutFieldsTakesThemToo) {
  message_view view;
  ASSERT_EQ(view.parse("SIP/2.0 200 OK\r\n\r\n"), std::nullopt);
  EXPECT_THROW(rewrite{view}.request_uri("sip:a@b"), std::invalid_argument); // And has no Request-URI.
  EXPECT_EQ(rewrite{view}.append("B", "2").prepend("A", "1").finish(), "SIP/2.0 200 OK\r\nA: 1\r\nB: 2\r\n\r\n");
}

TEST_F(SipRewrite, ATextThatWouldEndItsLineThrows) {
  for (const std::string bad : {"a\r\nX: 1", "a\nb", "a\rb", "a\r\n", "\r\n\r\n "})
    EXPECT_THROW(edit_.append("X", bad), std::invalid_argument) << bad;
  EXPECT_THROW(edit_.request_uri("sip:a SIP/2.0\r\nX: 1"), std::invalid_argument);
  EXPECT_THROW(edit_.prepend("X: 1\r\nY", "1"), std::invalid_argument);
  EXPECT_NO_THROW(edit_.append("X", "folded\r\n as received"));
}

} // namespace sallyport::sip
