#include "config/av_settings.hpp"
#include "config/turn_credentials.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// The least that a node of relays alone needs.
constexpr std::string_view av_text = R"(version: 1
node: {name: edge1}
services: [av]
pool:
  name: sip.edge.example
  secrets: [{file: pool.secret}]
domains: [edge.example]
outside: {address: 192.0.2.10}
inside: {address: 10.0.0.10}
av:
  outside: {listen: ["192.0.2.10:3478"]}
  users: turn.users
)";

std::map<std::string, file_content> av_files() {
  auto files = least_files();
  files["/etc/sallyport/turn.users"] = {"ada:8493fbc53ba582fb4c044c456bdc40eb\n", 0440};
  files["/etc/sallyport/turn.secret"] = {"q7Zr0mG5c1mP8bS4tXw2kYv6nHj3fDa9\n", 0400};
  return files;
}

std::string judged(std::string_view text) {
  return said(judge(text, around(av_files())));
}

std::string judged(std::string_view from, std::string_view to) {
  return judged(with(av_text, from, to));
}

/// With these lines more in the section.
std::string judged_with(std::string_view lines) {
  return judged(std::string{av_text}.append(lines));
}

} // namespace

TEST(AvSettings, TheLeastOfANodeWithoutAccessIsSound) {
  EXPECT_EQ(judged(av_text), "");
  const auto read = load_text(av_text).value;
  ASSERT_TRUE(read.av);
  EXPECT_FALSE(read.access);
  EXPECT_EQ(read.av->outside.listen, std::vector{*endpoint::parse("192.0.2.10:3478")});
  EXPECT_TRUE(read.av->inside.listen.empty());
  EXPECT_EQ(read.av->realm, "sip.edge.example");
  EXPECT_EQ(read.av->relay_ports, (port_range{49'152, 65'535}));
  EXPECT_TRUE(read.av->peers.allow.empty());
  EXPECT_EQ(read.av->users, "/etc/sallyport/turn.users");
  EXPECT_TRUE(read.av->secrets.empty());
}

TEST(AvSettings, StandBesideThoseOfAccess) {
  const auto access = least_text.substr(least_text.find("access:\n"));
  EXPECT_EQ(judged(with(av_text, "[av]", "[access, av]").append(access)), "");
  EXPECT_EQ(judged(with(with(av_text, "[av]", "[access, av]").append(access), "10:3478", "10:443")), "")
    << "UDP has ports of its own";
}

TEST(AvSettings, AreReadWhole) {
  const auto read = load_text(std::string{av_text} + R"(  inside: {listen: ["10.0.0.10:3478", "10.0.0.10:3479"]}
  realm: Media.Edge
  relay_ports: 20000-29999
  peers: {allow: [10.20.0.0/16, "fd00:20::/32"]}
  secrets: [{file: turn.secret}, {env: TURN_SECRET_OLD}]
)");
  EXPECT_EQ(said(read.found), "");
  const auto& av = *read.value.av;
  EXPECT_EQ(av.inside.listen.size(), 2u);
  EXPECT_EQ(av.realm, "Media.Edge");
  EXPECT_EQ(av.relay_ports, (port_range{20'000, 29'999}));
  EXPECT_THAT(av.peers.allow, ElementsAre(*ip_prefix::parse("10.20.0.0/16"), *ip_prefix::parse("fd00:20::/32")));
  EXPECT_THAT(av.secrets, ElementsAre(secret_source{secret_source::kind::file, "/etc/sallyport/turn.secret"},
                                      secret_source{secret_source::kind::variable, "TURN_SECRET_OLD"}));
}

TEST(AvSettings, AreOverriddenLikeAllOthers) {
  const auto read = load_text(av_text, {{"SALLYPORT_AV__RELAY_PORTS", "30000-39999"},
                                        {"SALLYPORT_AV__PEERS__ALLOW__0", "10.20.0.0/16"},
                                        {"SALLYPORT_AV__SECRETS", "[{env: TURN_SECRET}]"}});
  EXPECT_EQ(said(read.found), "");
  EXPECT_EQ(read.value.av->relay_ports, (port_range{30'000, 39'999}));
  EXPECT_EQ(read.value.av->peers.allow.size(), 1u);
  EXPECT_EQ(read.value.av->secrets.size(), 1u);
}

TEST(AvSettings, WhatIsMissingIsMissed) {
  EXPECT_EQ(judged(av_text.substr(0, av_text.find("av:\n"))), ":1:1: av: is missing\n");
  EXPECT_EQ(judged("  outside: {listen: [\"192.0.2.10:3478\"]}\n", ""), ":10:1: av.outside: is missing\n");
  EXPECT_EQ(judged("{listen: [\"192.0.2.10:3478\"]}", "{}"), ":11:3: av.outside.listen: is missing\n");
  EXPECT_EQ(judged_with("  inside: {}\n"), ":13:3: av.inside.listen: is missing\n");
  EXPECT_EQ(judged("  users: turn.users\n", ""),
            ":10:1: av: names neither users nor secrets: one is needed, or nobody could ask for a relay\n");
  EXPECT_EQ(judged("users: turn.users", "secrets: [{file: turn.secret}]"), "");
  EXPECT_THAT(judged("users:", "usres:"), HasSubstr("did you mean 'users'?"));
}

TEST(AvSettings, EachSideListensOnItsOwnAddress) {
  EXPECT_EQ(judged("[\"192.0.2.10:3478\"]", "[\"192.0.2.10:3478\", \"[2001:db8::10]:3478\"]"), "");
  EXPECT_EQ(judged("[\"192.0.2.10:3478\"]", "[\"192.0.2.10:3478\", \"10.0.0.10:3478\"]"),
            ":11:41: av.outside.listen[1]: is on the inside address: each side has its own\n");
  EXPECT_THAT(judged("192.0.2.10:3478", "192.0.2.11:3478"),
              HasSubstr("av.outside.listen: has nothing on outside.address (192.0.2.10)"));
  EXPECT_THAT(judged_with("  inside: {listen: [\"192.0.2.10:3479\"]}\n"),
              HasSubstr("av.inside.listen[0]: is not on inside.address (10.0.0.10)"));
  for (const auto* unspecified : {"0.0.0.0:3478", "[::]:3478"})
    EXPECT_THAT(judged("192.0.2.10:3478", unspecified), HasSubstr("does not name the address of one host"));
}

TEST(AvSettings, NoUdpPortIsOpenedTwice) {
  EXPECT_THAT(judged("[\"192.0.2.10:3478\"]", "[\"192.0.2.10:3478\", \"192.0.2.10:3478\"]"),
              HasSubstr("av.outside.listen[1]: 192.0.2.10:3478 is already av.outside.listen[0]"));
  EXPECT_EQ(
    judged(std::string{av_text} + "  inside: {listen: [\"10.0.0.10:3478\"]}\nmetrics: {listen: 10.0.0.10:3478}\n"), "")
    << "TCP has ports of its own";
}

TEST(AvSettings, ListenersAreUpTo16ASide) {
  const auto listeners = [](std::string_view address, std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
      list.append(i == 0 ? "['" : ", '").append(address).append(":").append(std::to_string(3'478 + i)).append("'");
    return list + "]";
  };
  EXPECT_EQ(judged("[\"192.0.2.10:3478\"]", listeners("192.0.2.10", 16)), "");
  EXPECT_THAT(judged("[\"192.0.2.10:3478\"]", listeners("192.0.2.10", 17)),
              HasSubstr("av.outside.listen: holds 17 values, the limit is 16"));
  EXPECT_EQ(judged_with("  inside: {listen: " + listeners("10.0.0.10", 16) + "}\n"), "");
  EXPECT_THAT(judged_with("  inside: {listen: " + listeners("10.0.0.10", 17) + "}\n"),
              HasSubstr("av.inside.listen: holds 17 values, the limit is 16"));
}

TEST(AvSettings, RelayPortsAreARangeOfTwoOrMoreFrom1024On) {
  for (const auto* range : {"1024-1025", "1024-65535", "65534-65535"})
    EXPECT_EQ(judged(with(av_text, "10:3478", "10:1023").append("  relay_ports: ").append(range)), "") << range;
  for (const auto* range : {"1023-2000", "5000-5000", "6000-5000", "49152", "49152-", "-65535", "49152-65536", "a-b",
                            "49152 - 65535", "49152-65535-65535"})
    EXPECT_THAT(judged_with(std::string{"  relay_ports: '"} + range + "'\n"),
                HasSubstr("is not a range of two ports or more from 1024 on, such as 49152-65535"))
      << range;
}

TEST(AvSettings, NoListenerIsAmongTheRelayPortsOfItsAddress) {
  const std::string ports = "  relay_ports: 3478-4000\n";
  EXPECT_EQ(judged_with(ports), ":11:22: av.outside.listen[0]: is among av.relay_ports (3478-4000), which are on the "
                                "same address\n");
  EXPECT_EQ(judged(with(av_text, "10:3478", "10:4001").append(ports)), "");
  EXPECT_THAT(judged(with(av_text, "10:3478", "10:4000").append(ports)), HasSubstr("is among av.relay_ports"));
  // Relays are on the outside address alone.
  EXPECT_EQ(judged(with(av_text, "10:3478", "10:4001").append(ports + "  inside: {listen: ['10.0.0.10:3478']}\n")), "");
}

TEST(AvSettings, ARealmIsShortVisibleAscii) {
  EXPECT_EQ(judged_with("  realm: " + std::string(127, 'r') + "\n"), "");
  for (const auto& realm : {std::string(128, 'r'), std::string{"two words"}, std::string{"say \"hi\""},
                            std::string{"back\\slash"}, std::string{"r\xC3\xA9gion"}, std::string{"tab\there"}})
    EXPECT_THAT(judged_with("  realm: '" + realm + "'\n"),
                HasSubstr("is not a realm: 1 to 127 visible ASCII characters"))
      << realm;
  EXPECT_THAT(judged_with("  realm: ''\n"), HasSubstr("av.realm: has no value"));
}

TEST(AvSettings, OnlyPrivateRangesNeedARuleAndOnlyTheyMayHaveOne) {
  const auto allowing = [](std::string_view prefix) {
    return judged_with("  peers: {allow: ['" + std::string{prefix} + "']}\n");
  };
  for (const auto* prefix : {"10.0.0.0/8", "10.20.0.7", "172.16.0.0/12", "192.168.4.0/24", "100.64.0.0/10", "fc00::/7"})
    EXPECT_EQ(allowing(prefix), "") << prefix;
  for (const auto* prefix :
       {"0.0.0.0/0", "::/0", "10.0.0.0/7", "127.0.0.0/8", "127.0.0.1", "::1", "169.254.0.0/16", "169.254.169.254",
        "fe80::/10", "224.0.0.0/4", "ff00::/8", "255.255.255.255", "192.0.2.0/24", "2001:db8::/32", "64:ff9b::/96"})
    EXPECT_THAT(allowing(prefix), HasSubstr("av.peers.allow[0]: is not part of a private range")) << prefix;
  EXPECT_EQ(judged_with("  peers: {}\n"), ":13:3: av.peers.allow: is missing\n");
}

TEST(AvSettings, WhatTheyNameIsReadAndJudged) {
  EXPECT_THAT(judged("users: turn.users", "users: none"), HasSubstr("'/etc/sallyport/none' cannot be read"));
  EXPECT_THAT(judged("users: turn.users", "users: edge.key"), HasSubstr("'/etc/sallyport/edge.key' line 1: "));
  EXPECT_THAT(judged_with("  secrets: [{file: none}]\n"), HasSubstr("av.secrets[0]: cannot be read"));
  EXPECT_THAT(judged_with("  secrets: [{file: turn.secret}, {env: X}, {env: Y}]\n"),
              HasSubstr("av.secrets: holds 3 values, the limit is 2"));
  EXPECT_EQ(judged_with("  secrets: [{file: pool.secret}]\n"),
            ":13:13: av.secrets[0]: is a secret of the pool too: this one is told to web applications\n");
}

TEST(AvSettings, AFileOfNoUsersNeedsASecret) {
  auto files = av_files();
  files["/etc/sallyport/turn.users"].bytes = "# nobody\n";
  EXPECT_EQ(said(judge(av_text, around(files))),
            ":12:10: av.users: '/etc/sallyport/turn.users' names no user, and there are no secrets either\n");
  EXPECT_EQ(said(judge(std::string{av_text} + "  secrets: [{file: turn.secret}]\n", around(files))), "");
}

TEST(AvSettings, WhatTheLoaderRefusedIsNotJudgedAgain) {
  auto text = with(av_text, "192.0.2.10:3478", "nowhere");
  text = with(text, "users: turn.users", "users: ''");
  text += "  secrets: [secret, {env: 1}]\n  peers: {allow: [nobody]}\n  relay_ports: 1-2\n  inside: {listen: [x]}\n";
  EXPECT_EQ(judged(text), said(load_text(text).found));
}

} // namespace sallyport::config
