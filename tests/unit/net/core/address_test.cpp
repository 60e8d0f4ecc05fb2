#include <gtest/gtest.h>

#include <set>

#include "net/core/address.hpp"

namespace sallyport {

TEST(IpAddress, TheMappedSpellingOfAnIpv4HostIsTheSameAddress) {
  EXPECT_EQ(ip_address::parse("192.0.2.1"), ip_address::parse("::ffff:192.0.2.1"));
  EXPECT_EQ(ip_address::parse("192.0.2.1"), ip_address::v4(0xC0000201));
}

TEST(IpAddress, RefusesNamesZonesAndOctalForms) {
  for (const char* text : {"", "localhost", "fe80::1%lo", "010.0.0.1", "1.2.3", "[192.0.2.1]", "192.0.2.1 "})
    EXPECT_FALSE(ip_address::parse(text)) << text;
  EXPECT_FALSE(ip_address::parse(std::string_view{"127.0.0.1\0x", 11}));
}

TEST(IpAddress, PrivateMeansWhatNoClientOnTheInternetCanReach) {
  for (const char* text : {"127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "::1",
                           "fd00::1", "fe80::1"})
    EXPECT_TRUE(ip_address::parse(text)->is_private()) << text;
  for (const char* text : {"192.0.2.1", "172.32.0.1", "100.128.0.1", "2001:db8::1", "8.8.8.8"})
    EXPECT_FALSE(ip_address::parse(text)->is_private()) << text;
}

TEST(IpPrefix, ContainsToTheBit) {
  const auto prefix = ip_prefix::parse("10.9.8.0/23");
  ASSERT_TRUE(prefix);
  EXPECT_TRUE(prefix->contains(*ip_address::parse("10.9.9.255")));
  EXPECT_FALSE(prefix->contains(*ip_address::parse("10.9.10.0")));
  EXPECT_FALSE(ip_prefix::parse("10.0.0.0/33"));
}

TEST(IpPrefix, AnAddressAloneIsAPrefixOfAllItsBits) {
  for (const char* text : {"192.0.2.1", "2001:db8::1"}) {
    const auto alone = ip_prefix::parse(text);
    ASSERT_TRUE(alone) << text;
    EXPECT_EQ(alone->bits, 128) << text;
    EXPECT_TRUE(alone->contains(*ip_address::parse(text))) << text;
  }
  EXPECT_FALSE(ip_prefix::parse("192.0.2.1")->contains(*ip_address::parse("192.0.2.0")));
  EXPECT_FALSE(ip_prefix::parse("2001:db8::1")->contains(*ip_address::parse("2001:db8::")));
}

TEST(IpPrefix, OneSourceIsAnIpv4AddressOrAnIpv6Slash64) {
  EXPECT_EQ(source_prefix(*ip_address::parse("2001:db8::1")), source_prefix(*ip_address::parse("2001:db8::2")));
  EXPECT_NE(source_prefix(*ip_address::parse("192.0.2.1")), source_prefix(*ip_address::parse("192.0.2.2")));
  EXPECT_EQ(source_prefix(*ip_address::parse("2001:db8::1")), ip_prefix::parse("2001:db8::/64"));
  EXPECT_EQ(source_prefix(*ip_address::parse("192.0.2.1")), ip_prefix::parse("192.0.2.1"));
}

TEST(AddressHash, TellsApartWhatDiffersInOneBit) {
  const auto base = ip_address::parse("2001:db8::1")->bytes();
  const address_hash hash;
  std::set<std::size_t> hashes;
  for (std::size_t bit = 0; bit < 128; ++bit) {
    auto other = base;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << bit % 8));
    hashes.insert(hash(ip_address{other}));
    hashes.insert(hash(ip_prefix{ip_address{base}, static_cast<std::uint8_t>(bit)}));
  }
  for (std::uint16_t port = 1; port != 0; port = static_cast<std::uint16_t>(port << 1))
    hashes.insert(hash(endpoint{ip_address{base}, port}));

  EXPECT_GE(hashes.size(), 128u + 128u);
}

TEST(Endpoint, ReadsAndWritesBothFamilies) {
  for (const char* text : {"192.0.2.1:5061", "[2001:db8::1]:443"})
    EXPECT_EQ(endpoint::parse(text)->text(), text);
  for (const char* text : {"192.0.2.1", "2001:db8::1:443", "192.0.2.1:65536", "192.0.2.1:", ":5060"})
    EXPECT_FALSE(endpoint::parse(text)) << text;
}

} // namespace sallyport
