#include <openssl/evp.h>

#include "config/dev.hpp"
#include "config/tree.hpp"
#include "config/validate.hpp"
#include "fixture.hpp"

namespace sallyport::config {

using testing::HasSubstr;

namespace {

/// The least configuration with TLS on the inside, and the files it names.
std::string tls_text() {
  auto text = with(least_text, R"(5061", transport: tcp})", R"(5061", certificate: in.pem, key: in.key, ca: ca.pem})");
  return with(text, R"(5061", transport: tcp})", R"(5061", tls_name: director.corp.example})");
}

std::map<std::string, file_content> tls_files() {
  auto files = least_files();
  files["/etc/sallyport/in.pem"] = {"certificate", 0644};
  files["/etc/sallyport/in.key"] = {"key", 0400};
  files["/etc/sallyport/ca.pem"] = {"ca", 0644};
  return files;
}

std::string judged(std::string_view from, std::string_view to) {
  return said(judge(with(least_text, from, to)));
}

} // namespace

TEST(Validate, TheLeastConfigurationsAreSound) {
  EXPECT_EQ(said(judge(least_text)), "");
  EXPECT_EQ(said(judge(tls_text(), around(tls_files()))), "");
}

TEST(Validate, TheTwoSidesHaveTheirOwnAddresses) {
  EXPECT_THAT(judged("inside: {address: 10.0.0.10}", "inside: {address: 192.0.2.10}"),
              HasSubstr(":9:19: inside.address: must not be the outside address"));
  EXPECT_EQ(judged("[\"192.0.2.10:443\"]", "[\"192.0.2.10:443\", \"10.0.0.10:443\"]"),
            ":12:32: access.outside.listen[1]: is on the inside address: each side has its own\n");
  EXPECT_EQ(judged("10.0.0.10:5061", "10.0.0.11:5061"),
            ":14:20: access.inside.listen: is not on inside.address (10.0.0.10), the address this node tells the "
            "inside\n");
  EXPECT_THAT(judged("[\"192.0.2.10:443\"]", "[\"192.0.2.11:443\"]"),
              HasSubstr("access.outside.listen: has nothing on outside.address (192.0.2.10)"));
}

TEST(Validate, OnLoopbackOneAddressMayBeBothSidesOnDifferentPorts) {
  auto text = with(least_text, "192.0.2.10}", "127.0.0.1}");
  text = with(text, "10.0.0.10}", "127.0.0.1}");
  text = with(text, "192.0.2.10:443", "127.0.0.1:443");
  text = with(text, "10.0.0.10:5061", "127.0.0.1:5061");
  text = with(text, "10.0.0.20:5061", "127.0.0.1:5060");
  EXPECT_EQ(said(judge(text)), "");
  EXPECT_THAT(said(judge(with(text, "127.0.0.1:443", "127.0.0.1:5061"))),
              HasSubstr("access.inside.listen: 127.0.0.1:5061 is already access.outside.listen[0]"));
}

TEST(Validate, NoPortIsOpenedTwice) {
  EXPECT_THAT(judged("[\"192.0.2.10:443\"]", "[\"192.0.2.10:443\", \"192.0.2.10:443\"]"),
              HasSubstr("access.outside.listen[1]: 192.0.2.10:443 is already access.outside.listen[0]"));
  EXPECT_THAT(said(judge(std::string{least_text} + "metrics: {listen: 10.0.0.10:5061}\n")),
              HasSubstr("metrics.listen: 10.0.0.10:5061 is already access.inside.listen"));
}

TEST(Validate, TheNextHopIsAnotherServerOnTheInside) {
  EXPECT_THAT(judged("10.0.0.20:5061", "10.0.0.10:5061"),
              HasSubstr(":15:23: access.next_hop.address: is this node's own access.inside.listen"));
  EXPECT_THAT(judged("10.0.0.20:5061", "[fd00::20]:5061"), HasSubstr("it is of the other family"));
  EXPECT_THAT(judged("10.0.0.20:5061", "192.0.2.10:5061"), HasSubstr("is the outside address of this node"));
}

TEST(Validate, MetricsAreNotForTheOutside) {
  const auto judged_at = [](std::string_view listen) {
    return said(judge(std::string{least_text} + "metrics: {listen: '" + std::string{listen} + "'}\n"));
  };
  EXPECT_EQ(judged_at("127.0.0.1:9464"), "");
  EXPECT_EQ(judged_at("[::1]:9464"), "");
  EXPECT_EQ(judged_at("10.0.0.10:9464"), "");
  EXPECT_THAT(judged_at("192.0.2.10:9464"), HasSubstr("must be on loopback or on inside.address"));
}

TEST(Validate, WhatIsAnnouncedIsAnOutsideAddress) {
  const auto judged_at = [](std::string_view announce) {
    return said(judge(std::string{least_text} + "media: {announce: '" + std::string{announce} + "'}\n"));
  };
  EXPECT_EQ(judged_at("203.0.113.5"), "");
  EXPECT_THAT(judged_at("10.0.0.10"), HasSubstr("media.announce: must not be the inside address"));
  EXPECT_THAT(judged_at("2001:db8::5"), HasSubstr("must be of the same family as outside.address"));
}

TEST(Validate, TlsOnTheInsideNeedsItsFilesAndAName) {
  for (const auto* key : {"certificate: in.pem, ", "key: in.key, ", ", ca: ca.pem"}) {
    const auto found = said(judge(with(tls_text(), key, ""), around(tls_files())));
    EXPECT_THAT(found, HasSubstr("is missing: it is needed for TLS on the inside")) << key;
  }
  EXPECT_EQ(said(judge(with(tls_text(), ", tls_name: director.corp.example", ""), around(tls_files()))),
            ":15:3: access.next_hop.tls_name: is missing: with TLS, the name that the next hop's certificate must "
            "carry\n");
  const auto tcp_listener = with(tls_text(), "certificate: in.pem", "transport: tcp");
  EXPECT_EQ(
    said(judge(tcp_listener, around(tls_files()))),
    ":14:3: access.inside.certificate: is missing: it is needed for TLS on the inside (here and toward the next "
    "hop)\n");
}

TEST(Validate, FilesMustBeThereAndKeysNotOpenToEveryone) {
  auto files = tls_files();
  files.erase("/etc/sallyport/edge.pem");
  files["/etc/sallyport/edge.key"].mode = 0604;
  files["/etc/sallyport/in.key"].mode = 0440;
  EXPECT_EQ(
    said(judge(tls_text(), around(files))),
    ":13:34: access.outside.certificates[0].certificate: '/etc/sallyport/edge.pem' cannot be read: No such file "
    "or directory\n"
    ":13:49: access.outside.certificates[0].key: '/etc/sallyport/edge.key' is open to every user of the host: "
    "take that right away (chmod o= FILE)\n");
}

TEST(Validate, SecretsAreLongEnoughAndKeptClose) {
  const auto judged_as = [](std::string bytes, unsigned mode) {
    auto files = least_files();
    files["/etc/sallyport/pool.secret"] = {std::move(bytes), mode};
    return said(judge(least_text, around(files)));
  };
  const std::string of_32 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
  const std::string of_31 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MA==";
  EXPECT_EQ(judged_as(of_32, 0400), "");
  EXPECT_THAT(judged_as(of_31, 0400), HasSubstr("pool.secrets[0]: is a secret of 31 bytes, at least 32 are needed"));
  EXPECT_THAT(judged_as("not base64!", 0400), HasSubstr("is not base64; make one with: openssl rand -base64 48"));
  EXPECT_THAT(judged_as(of_32, 0444), HasSubstr("is open to every user of the host"));
  EXPECT_THAT(said(judge(least_text, around({}))), HasSubstr("pool.secrets[0]: cannot be read: No such file"));
}

TEST(Validate, ARotationHasTwoDifferentSecrets) {
  const auto text = with(least_text, "[{file: pool.secret}]", "[{file: pool.secret}, {env: EDGE_SECRET}]");
  const auto files = least_files();
  EXPECT_EQ(said(judge(text, around(files, {{"EDGE_SECRET", std::string(43, 'A') + "="}}))), "");
  EXPECT_THAT(said(judge(text, around(files, {{"EDGE_SECRET", files.at("/etc/sallyport/pool.secret").bytes}}))),
              HasSubstr("pool.secrets[1]: is the same secret as the other"));
  EXPECT_THAT(said(judge(text)), HasSubstr("pool.secrets[1]: the environment has no variable of this name"));
}

TEST(Validate, DomainsAndLimitsMustNotContradictThemselves) {
  EXPECT_EQ(judged("[edge.example]", "[edge.example, other.example, EDGE.example]"),
            ":7:40: domains[2]: 'edge.example' is named twice\n");
  const std::string limits = "limits: {connections_max: 10, connections_per_source_max: ";
  EXPECT_EQ(said(judge(std::string{least_text} + limits + "10}\n")), "");
  EXPECT_EQ(said(judge(std::string{least_text} + limits + "11}\n")),
            ":16:59: limits.connections_per_source_max: is more than limits.connections_max (10)\n");
  EXPECT_EQ(said(judge(std::string{least_text} + "limits: {allocations_max: 10, allocations_per_user_max: 11}\n")),
            ":16:57: limits.allocations_per_user_max: is more than limits.allocations_max (10)\n");
  EXPECT_EQ(said(judge(std::string{least_text} + "limits: {allocation_lifetime: 2m, allocation_lifetime_max: 1m}\n")),
            ":16:31: limits.allocation_lifetime: is more than limits.allocation_lifetime_max (1m)\n");
  EXPECT_EQ(said(judge(std::string{least_text} + "limits: {allocation_lifetime: 1h, allocation_lifetime_max: 1h}\n")),
            "");
}

TEST(Validate, WhatTheLoaderRefusedIsNotJudgedAgain) {
  auto text = with(least_text, "192.0.2.10:443", "nowhere");
  text = with(text, "10.0.0.10:5061", "nowhere");
  text = with(text, "10.0.0.20:5061", "nowhere");
  text = with(text, "10.0.0.10}", "nowhere}");
  text = with(text, "192.0.2.10}", "nowhere}");
  text = with(text, "edge.example]", "-, -]");
  EXPECT_EQ(said(judge(text)), said(load_text(text).found));
  EXPECT_EQ(said(judge("{}")), said(load_text("{}").found));
}

TEST(FilesUsed, AreToldByTheirRole) {
  using enum file_role;
  const auto read = load_text(tls_text());
  EXPECT_THAT(files_used(read.value),
              testing::ElementsAre(
                file_use{outside_certificate, "access.outside.certificates[0].certificate", "/etc/sallyport/edge.pem"},
                file_use{outside_key, "access.outside.certificates[0].key", "/etc/sallyport/edge.key"},
                file_use{inside_certificate, "access.inside.certificate", "/etc/sallyport/in.pem"},
                file_use{inside_key, "access.inside.key", "/etc/sallyport/in.key"},
                file_use{inside_ca, "access.inside.ca", "/etc/sallyport/ca.pem"}));
  EXPECT_EQ(files_used(load_text(least_text).value).size(), 2u);
}

TEST(DevelopmentModel, IsSoundAndNamesNoFile) {
  const auto value = development_model();
  EXPECT_EQ(said(validate(value, {}, around({}))), "");
  EXPECT_TRUE(files_used(value).empty());
  EXPECT_TRUE(value.pool.secrets.empty());
  EXPECT_TRUE(value.development);
  for (const auto& listen : value.access->outside.listen)
    EXPECT_TRUE(listen.address.is_loopback());
  EXPECT_TRUE(value.access->inside.listen.address.is_loopback());
  EXPECT_TRUE(value.metrics.listen->address.is_loopback());
  ASSERT_TRUE(value.av);
  for (const auto& listen : value.av->outside.listen)
    EXPECT_TRUE(listen.address.is_loopback());
  EXPECT_TRUE(value.av->inside.listen.empty());
  EXPECT_TRUE(value.av->peers.allow.empty());
}

TEST(DevelopmentModel, HasOneUserOfRelaysWithAWellKnownPassword) {
  const auto credentials = development_turn_credentials();
  EXPECT_TRUE(credentials.secrets.empty());
  ASSERT_EQ(credentials.users.size(), 1u);
  EXPECT_EQ(credentials.users[0].name, "dev");
  const std::string text = "dev:" + development_model().av->realm + ":dev";
  decltype(turn_user::key) key;
  ASSERT_EQ(EVP_Digest(text.data(), text.size(), key.data(), nullptr, EVP_md5(), nullptr), 1);
  EXPECT_EQ(credentials.users[0].key, key);
}

} // namespace sallyport::config
