#include <gtest/gtest.h>

#include "net/sip/uri.hpp"

namespace sallyport::sip {

using std::string_literals::operator""s;

TEST(SipUri, ReadsEveryPart) {
  const auto uri = parse_uri("sips:alice:secret@gw.example:5071;transport=tls;lr?Subject=a&Route=%3Csip:x%3E");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->scheme, "sips");
  EXPECT_TRUE(uri->is_sip());
  EXPECT_TRUE(uri->is_sips());
  EXPECT_EQ(uri->user, "alice");
  EXPECT_EQ(uri->password, "secret");
  EXPECT_EQ(uri->host, "gw.example");
  EXPECT_EQ(uri->port, 5071);
  EXPECT_EQ(uri->params, ";transport=tls;lr");
  EXPECT_EQ(uri->headers, "Subject=a&Route=%3Csip:x%3E");
  EXPECT_EQ(uri->param("TRANSPORT"), "tls");
  EXPECT_EQ(uri->param("lr"), "");
  EXPECT_EQ(uri->param("maddr"), std::nullopt);
}

TEST(SipUri, TheShortestIsAHost) {
  const auto uri = parse_uri("SIP:example.com");
  ASSERT_TRUE(uri);
  EXPECT_TRUE(uri->is_sip());
  EXPECT_FALSE(uri->is_sips());
  EXPECT_EQ(uri->user, "");
  EXPECT_EQ(uri->password, std::nullopt);
  EXPECT_EQ(uri->host, "example.com");
  EXPECT_FALSE(uri->port);
}

TEST(SipUri, Ipv6KeepsItsBrackets) {
  EXPECT_EQ(parse_uri("sip:bob@[2001:db8::10]:5070;lr")->host, "[2001:db8::10]");
  EXPECT_EQ(parse_uri("sip:bob@[2001:db8::10]:5070;lr")->port, 5070);
  EXPECT_EQ(parse_uri("sip:[::ffff:192.0.2.10]")->host, "[::ffff:192.0.2.10]");
}

TEST(SipUri, TheUserMayHoldWhatOtherPlacesMayNot) {
  EXPECT_EQ(parse_uri("sip:user;par=u%40example.net@example.com")->user, "user;par=u%40example.net");
  const auto crazy = parse_uri("sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
                               "(doesn't-it)@example.com");
  ASSERT_TRUE(crazy);
  EXPECT_EQ(crazy->user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
  EXPECT_EQ(crazy->password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
  EXPECT_EQ(crazy->host, "example.com");
}

TEST(SipUri, EscapesStayButCountInParameterNames) {
  const auto uri = parse_uri("sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31");
  ASSERT_TRUE(uri);
  EXPECT_EQ(uri->user, "cal%6Cer");
  EXPECT_EQ(uri->param("lr"), "");
  EXPECT_EQ(uri->param("name"), "v%61lue%25%34%31");
}

TEST(SipUri, UnescapesOnce) {
  EXPECT_EQ(unescape("cal%6Cer"), "caller");
  EXPECT_EQ(unescape("%25%34%31"), "%41");
  EXPECT_EQ(unescape("%4a%4f%4A%4F"), "JOJO");
  EXPECT_EQ(unescape("%00%zz%4"), "\0%zz%4"s);
  EXPECT_EQ(unescape(""), "");
}

TEST(SipUri, OfOtherSchemesOnlyTheRestIsKept) {
  const auto uri = parse_uri("soap.beep://192.0.2.103:3002");
  ASSERT_TRUE(uri);
  EXPECT_FALSE(uri->is_sip());
  EXPECT_EQ(uri->scheme, "soap.beep");
  EXPECT_EQ(uri->opaque, "//192.0.2.103:3002");
  EXPECT_EQ(uri->host, "");
  EXPECT_TRUE(parse_uri("nobodyKnowsThisScheme:totallyopaquecontent"));
  EXPECT_TRUE(parse_uri("urn:service:sos"));
}

TEST(SipUri, RefusesWhatIsNone) {
  for (const std::string_view text : {"",
                                      "sip",
                                      "sip:",
                                      ":a",
                                      "1sip:a",
                                      "s%69p:a",
                                      "sip:@host",
                                      "sip:a@",
                                      "sip:a@b@c",
                                      "sip:a:b:c@d",
                                      "sip:host:",
                                      "sip:host:65536",
                                      "sip:host:5x",
                                      "sip:host;",
                                      "sip:host;=1",
                                      "sip:host;a=",
                                      "sip:host?",
                                      "sip:ho st",
                                      " sip:host",
                                      "sip:host ",
                                      "sip:a@host;p=\"q\"",
                                      "sip:a%4@host",
                                      "sip:a%zz@host",
                                      "sip:[::1@host",
                                      "sip:[::1",
                                      "sip:a<b@host",
                                      "sip:\xC3\xA4@host",
                                      "sip:a:p?w@host",
                                      "sip:a@host/x"})
    EXPECT_FALSE(parse_uri(text)) << text;
}

} // namespace sallyport::sip
