#include <gtest/gtest.h>

#include "net/sip/name_addr.hpp"

namespace sallyport::sip {

TEST(SipNameAddr, ReadsDisplayUriAndTag) {
  const auto from =
    parse_name_addr("\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com;lr>\r\n  ;\r\n  tag = 98asjd8");
  ASSERT_TRUE(from);
  EXPECT_EQ(from->display, "\"J Rosenberg \\\\\\\"\"");
  EXPECT_EQ(from->uri, "sip:jdrosen@example.com;lr");
  EXPECT_EQ(from->tag, "98asjd8");
}

TEST(SipNameAddr, ADisplayNameOfTokensNeedsNoQuotesAndNoSpaceAfterIt) {
  EXPECT_EQ(parse_name_addr("caller<sip:caller@example.com>;tag=323")->display, "caller");
  EXPECT_EQ(parse_name_addr("token1~` token2'+_ token3*%!.- <sip:m@e>")->display, "token1~` token2'+_ token3*%!.-");
  EXPECT_EQ(parse_name_addr("<sip:m@e>")->display, "");
}

TEST(SipNameAddr, WithoutBracketsParametersAreOfTheHeader) {
  const auto to = parse_name_addr("sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n");
  ASSERT_TRUE(to);
  EXPECT_EQ(to->uri, "sip:vivekg@chair-dnrc.example.com");
  EXPECT_EQ(to->tag, "1918181833n");
  EXPECT_EQ(to->display, "");
}

TEST(SipNameAddr, ParametersMayBeQuotedEmptyAndInUtf8) {
  const auto from = parse_name_addr("<sip:m@e>;fromParam''~+*_!.-%=\"\xD1\x80\xD0\xB0\";flag;Tag=_token~1'+`*%!-.");
  ASSERT_TRUE(from);
  EXPECT_EQ(from->tag, "_token~1'+`*%!-.");
}

TEST(SipNameAddr, QuotesHideBracketsAndSemicolons) {
  const auto to = parse_name_addr("\"a <b> ; c, \\\" \" <sip:x@y>;p=\"q>;tag=no\";tag=yes");
  ASSERT_TRUE(to);
  EXPECT_EQ(to->uri, "sip:x@y");
  EXPECT_EQ(to->tag, "yes");
}

TEST(SipNameAddr, AStarIsAContact) {
  EXPECT_TRUE(parse_name_addr("*")->is_star());
  EXPECT_FALSE(parse_name_addr("<sip:a@b>")->is_star());
}

TEST(SipNameAddr, OtherSchemesPass) {
  EXPECT_EQ(parse_name_addr("<tel:+358-555-1234567;postd=pp22>;tag=1")->uri, "tel:+358-555-1234567;postd=pp22");
}

TEST(SipNameAddr, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "<", "<>", "<sip:a@b", "\"open <sip:a@b>", "\"a\" sip:a@b", "Bell, Alexander <sip:a@b>;tag=43",
        "sip:user@example.com?Route=%3Csip:sip.example.com%3E", "sip:a,b@c", "<sip:a@b>;;;;", "<sip:a@b>;",
        "<sip:a@b> x", "<sip:a@b>;tag=", "<sip:a@b>;tag=a b", "J\xC3\xB6rg <sip:a@b>", "<sip:a@b>,<sip:c@d>",
        "sip:a@b tag"})
    EXPECT_FALSE(parse_name_addr(text)) << text;
}

} // namespace sallyport::sip
