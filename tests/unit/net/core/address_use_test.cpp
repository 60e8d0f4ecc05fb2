#include <gtest/gtest.h>

#include "net/core/address_use.hpp"

namespace sallyport {

using enum address_use;

namespace {

address_use use_of_text(const char* text) {
  return use_of(*ip_address::parse(text));
}

bool is_private_text(const char* text) {
  return is_private_use(*ip_prefix::parse(text));
}

} // namespace

TEST(AddressUse, TellsTheEdgesOfEveryRange) {
  struct row {
    const char* text;
    address_use use;
  };
  for (const auto& [text, use] : {row{"0.0.0.0", special},
                                  row{"0.255.255.255", special},
                                  row{"1.0.0.0", global},
                                  row{"9.255.255.255", global},
                                  row{"10.0.0.0", private_use},
                                  row{"10.255.255.255", private_use},
                                  row{"11.0.0.0", global},
                                  row{"100.63.255.255", global},
                                  row{"100.64.0.0", private_use},
                                  row{"100.127.255.255", private_use},
                                  row{"100.128.0.0", global},
                                  row{"126.255.255.255", global},
                                  row{"127.0.0.0", special},
                                  row{"127.255.255.255", special},
                                  row{"128.0.0.0", global},
                                  row{"169.253.255.255", global},
                                  row{"169.254.0.0", special},
                                  row{"169.254.255.255", special},
                                  row{"172.15.255.255", global},
                                  row{"172.16.0.0", private_use},
                                  row{"172.31.255.255", private_use},
                                  row{"172.32.0.0", global},
                                  row{"192.0.0.255", special},
                                  row{"192.0.1.0", global},
                                  row{"192.0.2.1", global},
                                  row{"192.88.99.1", special},
                                  row{"192.168.0.0", private_use},
                                  row{"192.168.255.255", private_use},
                                  row{"192.169.0.0", global},
                                  row{"198.17.255.255", global},
                                  row{"198.18.0.0", private_use},
                                  row{"198.19.255.255", private_use},
                                  row{"198.20.0.0", global},
                                  row{"198.51.100.1", global},
                                  row{"203.0.113.1", global},
                                  row{"223.255.255.255", global},
                                  row{"224.0.0.0", special},
                                  row{"239.255.255.255", special},
                                  row{"240.0.0.0", special},
                                  row{"255.255.255.255", special}})
    EXPECT_EQ(use_of_text(text), use) << text;
}

TEST(AddressUse, OfIpv6OnlyGlobalUnicastAndUlaAreHosts) {
  for (const auto* text : {"2003::1", "2001:200::1", "2001:db8::1", "2606:4700::1111", "3fff:ffff::1"})
    EXPECT_EQ(use_of_text(text), global) << text;
  for (const auto* text : {"fc00::1", "fd12:3456::1", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    EXPECT_EQ(use_of_text(text), private_use) << text;
  for (const auto* text : {"::",
                           "::1",
                           "::192.0.2.1",
                           "::ffff:0:192.0.2.1",
                           "64:ff9b::192.0.2.1",
                           "64:ff9b:1::1",
                           "100::1",
                           "1fff::1",
                           "2001::1",
                           "2001:1ff::1",
                           "2002::1",
                           "2002:c000:201::1",
                           "4000::1",
                           "5f00::1",
                           "fbff::1",
                           "fe00::1",
                           "fe80::1",
                           "febf::1",
                           "fec0::1",
                           "ff02::1",
                           "ff0e::1"})
    EXPECT_EQ(use_of_text(text), special) << text;
}

TEST(AddressUse, AMappedAddressIsTheIpv4One) {
  EXPECT_EQ(use_of_text("::ffff:10.0.0.1"), private_use);
  EXPECT_EQ(use_of_text("::ffff:127.0.0.1"), special);
  EXPECT_EQ(use_of_text("::ffff:192.0.2.1"), global);
}

TEST(PrivateUse, IsThatOfAWholePrefixOrNone) {
  for (const auto* text : {"10.0.0.0/8", "10.20.0.0/16", "10.20.30.40", "172.16.0.0/12", "172.20.0.0/14",
                           "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "fd00::/8", "fd00::1"})
    EXPECT_TRUE(is_private_text(text)) << text;
  for (const auto* text :
       {"0.0.0.0/0", "::/0", "10.0.0.0/7", "172.16.0.0/11", "192.168.0.0/15", "100.64.0.0/9", "fc00::/6",
        "192.0.2.0/24", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "::1", "fe80::/10", "2001:db8::/32"})
    EXPECT_FALSE(is_private_text(text)) << text;
}

} // namespace sallyport
