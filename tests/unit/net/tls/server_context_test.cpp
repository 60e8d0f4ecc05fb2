#include <gmock/gmock.h>

#include "tests/unit/net/tls/handshake.hpp"

namespace sallyport::tls {
namespace {

using testing::ElementsAre;

class ServerContext : public testing::Test {
protected:
  /// What a server that speaks `ours` agrees on with a client that offers `theirs`; "none" without a handshake.
  std::string agreed(const std::vector<std::string>& theirs, const std::vector<std::string>& ours) const {
    const client_context client{{.peers = ca_.as_trust(), .own = {}, .application_protocols = theirs}};
    const test::handshake made{client, server_, "", &ours};
    return made.is_done() ? made.application_protocol() : "none";
  }

  const development_ca ca_;
  const server_context server_{{.certificates = {ca_.make({.names = {"sip.example.org"}})}}};
};

TEST_F(ServerContext, FindsItsProtocolWhereverItStandsAmongTheOffered) { // RFC 7301, 3.2
  EXPECT_EQ(agreed({"sip"}, {"sip"}), "sip");
  EXPECT_EQ(agreed({"h2", "http/1.1", "sip"}, {"sip"}), "sip");
  EXPECT_EQ(agreed({"h2", "sip", "http/1.1"}, {"sip"}), "sip");
}

TEST_F(ServerContext, ItsOwnOrderOfProtocolsCountsAndNotTheClients) {
  EXPECT_EQ(agreed({"stun.nat-discovery", "stun.turn"}, {"stun.turn", "stun.nat-discovery"}), "stun.turn");
}

TEST_F(ServerContext, ProtocolsOfOthersAreNoReasonToRefuse) {
  EXPECT_EQ(agreed({"h2", "http/1.1"}, {"sip"}), "");
  EXPECT_EQ(agreed({"si", "sip2"}, {"sip"}), "") << "a name is compared whole";
  EXPECT_EQ(agreed({}, {"sip"}), "");
}

TEST_F(ServerContext, LetsNobodyInWithoutACertificateWhereOneIsRequired) {
  const server_context mutual{{.certificates = {ca_.make({.names = {"edge.example.org"}})},
                               .clients = client_certificates::required,
                               .client_trust = ca_.as_trust()}};
  const client_context nobody{{.peers = ca_.as_trust()}};
  const client_context somebody{{.peers = ca_.as_trust(), .own = ca_.make({.names = {"sip.example.org"}})}};

  EXPECT_FALSE((test::handshake{nobody, mutual}.is_done()));
  EXPECT_TRUE((test::handshake{somebody, mutual}.is_done()));
}

TEST_F(ServerContext, SendsTheWholeChainOfItsCertificate) {
  const auto leaf = ca_.issue({.names = {"sip.example.org"}});
  const auto with_issuer =
    certificate::parse(leaf.chain + ca_.pem(), leaf.key, {.server = true, .client = true, .allow_development = true},
                       std::chrono::system_clock::now());
  ASSERT_TRUE(with_issuer);
  const client_context client{{.peers = ca_.as_trust()}};

  const test::handshake alone{client, server_};
  EXPECT_EQ(alone.certificates_sent(), 1);
  const test::handshake chained{client, server_context{{.certificates = {*with_issuer}}}};
  ASSERT_TRUE(chained.is_done());
  EXPECT_EQ(chained.certificates_sent(), 2);
}

TEST_F(ServerContext, ShowsTheCertificateOfTheNameThatWasAskedFor) {
  const server_context server{
    {.certificates = {ca_.make({.names = {"a.example.org"}}), ca_.make({.names = {"*.example.net"}}),
                      ca_.make({.names = {"az.example.net"}})}}};
  const client_context client{{.peers = ca_.as_trust()}};
  const auto shown_to = [&](const std::string& asked) {
    return test::handshake{client, server, asked}.server_identity().dns_names;
  };

  EXPECT_THAT(shown_to("az.example.net"), ElementsAre("az.example.net"));
  EXPECT_THAT(shown_to("AZ.Example.Net"), ElementsAre("az.example.net")); // RFC 6066, 3
  EXPECT_THAT(shown_to("c.example.net"), ElementsAre("*.example.net"));
  EXPECT_THAT(shown_to("c.example.com"), ElementsAre("a.example.org"));
}

} // namespace
} // namespace sallyport::tls
