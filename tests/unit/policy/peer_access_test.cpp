#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/peer_access.hpp"

namespace sallyport::policy {

using testing::IsSupersetOf;
using enum peer_verdict;

namespace {

ip_address address(const char* text) {
  const auto parsed = ip_address::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed.value_or(ip_address{});
}

/// A node that owns the public address it announces, with rules for two private networks.
peer_rules plain_rules() {
  return {.relay = address("192.0.2.10"),
          .announced = address("192.0.2.10"),
          .relay_ports = {49'152, 65'535},
          .own = {address("192.0.2.10"), address("192.0.2.11"), address("10.0.0.10"), address("10.20.0.10"),
                  address("2001:db8::10")},
          .allowed = {*ip_prefix::parse("10.20.0.0/16"), *ip_prefix::parse("fd00:20::/32"),
                      *ip_prefix::parse("100.100.0.0/16"), *ip_prefix::parse("fd00:ec2::/32")}};
}

struct row {
  const char* peer;
  peer_verdict verdict;
};

} // namespace

TEST(PeerAccess, TheWholeTableOfPeers) {
  const peer_access access{plain_rules()};
  for (const auto& [peer, verdict] : {
         // Somebody, somewhere.
         row{"203.0.113.7", any_port},
         row{"198.51.100.1", any_port},
         row{"8.8.8.8", any_port},
         row{"2001:db8::7", any_port},
         row{"2606:4700::1111", any_port},
         // Ourselves: relays by their ports, nothing else.
         row{"192.0.2.10", relay_ports_only},
         row{"192.0.2.11", refused},
         row{"10.0.0.10", refused},
         row{"10.20.0.10", refused}, // A rule for its network does not open our own address.
         row{"2001:db8::10", refused},
         // This host in other words.
         row{"0.0.0.0", refused},
         row{"0.0.0.1", refused},
         row{"0.255.255.255", refused},
         row{"127.0.0.1", refused},
         row{"127.255.255.254", refused},
         row{"::", refused},
         row{"::1", refused},
         // The link.
         row{"169.254.0.1", refused},
         row{"169.254.169.254", refused},
         row{"fe80::1", refused},
         row{"fe80::a9fe:a9fe", refused},
         row{"febf::1", refused},
         row{"fec0::1", refused},
         // Metadata elsewhere, a rule for the network or not.
         row{"100.100.100.200", refused},
         row{"168.63.129.16", refused},
         row{"192.0.0.192", refused},
         row{"fd00:ec2::254", refused},
         row{"fd20:ce::254", refused},
         row{"fd00:42::42", refused},
         // Many hosts, or none.
         row{"224.0.0.1", refused},
         row{"239.255.255.250", refused},
         row{"240.0.0.1", refused},
         row{"255.255.255.255", refused},
         row{"ff02::1", refused},
         row{"ff0e::1", refused},
         row{"100::1", refused},
         // Private, with a rule and without.
         row{"10.20.0.7", any_port},
         row{"10.20.255.255", any_port},
         row{"10.19.255.255", refused},
         row{"10.21.0.0", refused},
         row{"10.0.0.20", refused},
         row{"172.16.0.1", refused},
         row{"172.31.255.255", refused},
         row{"192.168.1.1", refused},
         row{"198.18.0.1", refused},
         row{"100.64.0.1", refused},
         row{"100.127.255.255", refused},
         row{"100.100.1.1", any_port},
         row{"fd00:20::7", any_port},
         row{"fd00:ec2::7", any_port},
         row{"fd00:21::7", refused},
         row{"fc00::1", refused},
       })
    EXPECT_EQ(access.judge(address(peer)), verdict) << peer;
}

TEST(PeerAccess, AnIpv4AddressIsJudgedAlikeHoweverItIsWritten) {
  const peer_access access{plain_rules()};
  for (const auto* peer : {"203.0.113.7", "192.0.2.10", "192.0.2.11", "10.0.0.10", "10.20.0.7", "10.0.0.20", "0.0.0.0",
                           "0.0.0.1", "127.0.0.1", "169.254.169.254", "100.100.100.200", "168.63.129.16", "224.0.0.1",
                           "255.255.255.255", "192.168.1.1", "100.64.0.1"}) {
    const auto plain = access.judge(address(peer));
    EXPECT_EQ(access.judge(address(("::ffff:" + std::string{peer}).c_str())), plain) << peer;
    // RFC 6052, 2.1: a translator would send it there.
    EXPECT_EQ(access.judge(address(("64:ff9b::" + std::string{peer}).c_str())), plain) << peer;
  }
}

TEST(PeerAccess, NoTunnelOrPrivateTranslatorLeadsAnywhere) {
  const peer_access access{plain_rules()};
  for (const auto* peer : {
         "::127.0.0.1", "::203.0.113.7",                                       // RFC 4291, 2.5.5.1: IPv4-compatible
         "::ffff:0:127.0.0.1", "::ffff:0:203.0.113.7",                         // RFC 2765: IPv4-translated
         "64:ff9b:1::127.0.0.1", "64:ff9b:1:ffff::203.0.113.7",                // RFC 8215: somebody's own NAT64
         "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:cb00:7107::1",           // RFC 3056: 6to4
         "2001::1", "2001:0:cb00:7107::3fff:fd1", "192.88.99.1", "2001:10::1", // RFC 4380: Teredo, and its neighbours
       })
    EXPECT_EQ(access.judge(address(peer)), refused) << peer;
}

TEST(PeerAccess, OurOwnAddressesAreOpenAtRelayPortsAlone) {
  const peer_access access{plain_rules()};
  for (const std::uint16_t port : {std::uint16_t{49'152}, std::uint16_t{50'000}, std::uint16_t{65'535}})
    EXPECT_TRUE(access.is_relay_port(port)) << port;
  for (const std::uint16_t port : {0, 1, 443, 3'478, 5'060, 5'061, 9'464, 49'151})
    EXPECT_FALSE(access.is_relay_port(port)) << port;
}

TEST(PeerAccess, BehindTranslationBothNamesOfTheRelayAddressAreOurs) {
  auto rules = plain_rules();
  rules.relay = address("10.20.0.10");
  rules.announced = address("203.0.113.5");
  const peer_access access{rules};
  EXPECT_EQ(access.judge(address("203.0.113.5")), relay_ports_only);
  EXPECT_EQ(access.judge(address("10.20.0.10")), relay_ports_only);
  EXPECT_EQ(access.judge(address("64:ff9b::203.0.113.5")), relay_ports_only);
  EXPECT_EQ(access.judge(address("192.0.2.10")), refused); // Still of this host.
  EXPECT_EQ(access.judge(address("203.0.113.6")), any_port);
}

TEST(PeerAccess, OnLoopbackTheRelayAddressAloneIsOpen) {
  const peer_access access{{.relay = address("127.0.0.1"),
                            .announced = address("127.0.0.1"),
                            .relay_ports = {49'152, 65'535},
                            .own = {address("127.0.0.1"), address("::1")},
                            .allowed = {}}};
  EXPECT_EQ(access.judge(address("127.0.0.1")), relay_ports_only);
  EXPECT_EQ(access.judge(address("127.0.0.2")), refused);
  EXPECT_EQ(access.judge(address("::1")), refused);
  EXPECT_EQ(access.judge(address("0.0.0.0")), refused);
}

TEST(PeerRules, AreWhatTheConfigurationSaysAndTheHostHolds) {
  config::model value;
  value.outside.address = address("192.0.2.10");
  value.inside.address = address("10.0.0.10");
  value.av.emplace();
  value.av->outside.listen = {*endpoint::parse("192.0.2.10:3478"), *endpoint::parse("[2001:db8::10]:3478")};
  value.av->inside.listen = {*endpoint::parse("10.0.0.11:3478")};
  value.av->relay_ports = {20'000, 29'999};
  value.av->peers.allow = {*ip_prefix::parse("10.20.0.0/16")};
  auto rules = describe_peers(value, {address("192.0.2.12")});
  EXPECT_EQ(rules.relay, address("192.0.2.10"));
  EXPECT_EQ(rules.announced, address("192.0.2.10"));
  EXPECT_EQ(rules.relay_ports, (config::port_range{20'000, 29'999}));
  EXPECT_EQ(rules.allowed, value.av->peers.allow);
  EXPECT_THAT(rules.own, IsSupersetOf({address("192.0.2.12"), address("192.0.2.10"), address("2001:db8::10"),
                                       address("10.0.0.10"), address("10.0.0.11")}));

  value.media.announce = address("203.0.113.5");
  value.access.emplace();
  value.access->outside.listen = {*endpoint::parse("192.0.2.13:443")};
  rules = describe_peers(value, {});
  EXPECT_EQ(rules.announced, address("203.0.113.5"));
  EXPECT_EQ(rules.relay, address("192.0.2.10"));
  EXPECT_THAT(rules.own, IsSupersetOf({address("192.0.2.13"), address("192.0.2.10")}));
}

} // namespace sallyport::policy
