#include <gtest/gtest.h>

#include "net/sip/via.hpp"

namespace sallyport::sip {

TEST(SipVia, ReadsEveryPart) {
  const auto via = parse_via("SIP/2.0/TLS host.example:5071;branch=z9hG4bK7;received=192.0.2.1;rport=4711;"
                             "maddr=224.2.0.1;ttl=16;x=\"a;b\"");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->protocol, "SIP/2.0");
  EXPECT_EQ(via->transport, "TLS");
  EXPECT_EQ(via->host, "host.example");
  EXPECT_EQ(via->port, 5071);
  EXPECT_EQ(via->branch, "z9hG4bK7");
  EXPECT_EQ(via->received, "192.0.2.1");
  EXPECT_TRUE(via->has_rport);
  EXPECT_EQ(via->rport, 4711);
  EXPECT_EQ(via->maddr, "224.2.0.1");
  EXPECT_EQ(via->ttl, 16);
  EXPECT_TRUE(via->params.starts_with(";branch="));
  EXPECT_TRUE(via->has_magic_cookie());
}

TEST(SipVia, TheShortestHasNoParameters) {
  const auto via = parse_via("SIP/2.0/UDP 192.0.2.5");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->host, "192.0.2.5");
  EXPECT_FALSE(via->port);
  EXPECT_EQ(via->params, "");
  EXPECT_EQ(via->branch, "");
  EXPECT_FALSE(via->has_rport);
  EXPECT_FALSE(via->has_magic_cookie());
}

TEST(SipVia, WhiteSpaceAndFoldsMayStandAroundEverySeparator) {
  const auto via =
    parse_via("SIP  /   2.0\r\n /UDP\r\n    spindle.example : 5060   ;\r\n  branch  =   z9hG4bK9 ; rport ");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "UDP");
  EXPECT_EQ(via->host, "spindle.example");
  EXPECT_EQ(via->port, 5060);
  EXPECT_EQ(via->branch, "z9hG4bK9");
  EXPECT_TRUE(via->has_rport);
  EXPECT_FALSE(via->rport);
}

TEST(SipVia, Ipv6StandsInBracketsButReceivedMayGoWithout) {
  const auto via = parse_via("SIP/2.0/UDP [2001:db8::9:1]:5061;received=2001:db8::9:255;branch=z9hG4bKa");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->host, "[2001:db8::9:1]");
  EXPECT_EQ(via->port, 5061);
  EXPECT_EQ(via->received, "2001:db8::9:255");
  EXPECT_EQ(parse_via("SIP/2.0/UDP [::1];received=[2001:db8::1]")->received, "[2001:db8::1]");
}

TEST(SipVia, UnknownTransportsAndParametersPass) {
  const auto via = parse_via("SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bK-.!%66*_+`'~;keep;p=1");
  ASSERT_TRUE(via);
  EXPECT_EQ(via->transport, "UNKNOWN");
  EXPECT_EQ(via->branch, "z9hG4bK-.!%66*_+`'~");
}

TEST(SipVia, RefusesWhatIsNone) {
  for (const std::string_view text : {"",
                                      "SIP/2.0/UDP",
                                      "SIP/2.0/UDP ",
                                      "SIP/2.0 host",
                                      "SIP 2.0 UDP host",
                                      "/2.0/UDP host",
                                      "SIP//UDP host",
                                      "SIP/2.0/ host",
                                      "SIP/2.0/UDP:5060",
                                      "SIP/2.0/UDP host:",
                                      "SIP/2.0/UDP host:65536",
                                      "SIP/2.0/UDP host:5a",
                                      "SIP/2.0/UDP [::1",
                                      "SIP/2.0/UDP []",
                                      "SIP/2.0/UDP [g::1]",
                                      "SIP/2.0/UDP host;ttl=256",
                                      "SIP/2.0/UDP host;ttl",
                                      "SIP/2.0/UDP host;rport=65536",
                                      "SIP/2.0/UDP host;rport=x",
                                      "SIP/2.0/UDP host;;",
                                      "SIP/2.0/UDP host;",
                                      "SIP/2.0/UDP host;branch=",
                                      "SIP/2.0/UDP host;x=\"open",
                                      "SIP/2.0/UDP host other",
                                      "SIP/2.0/UDP a, SIP/2.0/UDP b",
                                      "SIP/2.0/UDP h\xC3\xB6st"})
    EXPECT_FALSE(parse_via(text)) << text;
}

} // namespace sallyport::sip
