#include "tests/unit/net/io/raw_tls_peer.hpp"

namespace sallyport::io::test {
namespace {

using testing::ElementsAre;

const certificates& shared() {
  return certificates::shared();
}

class TlsStream : public world {
protected:
  static tls::server_options asking_for_certificates(tls::client_certificates how) {
    return {.certificates = {shared().server}, .clients = how, .client_trust = shared().ca.as_trust()};
  }
  static tls::client_options presenting(const tls::certificate& own) {
    return {.peers = shared().ca.as_trust(), .own = own};
  }
  /// Waits until both ends of the newest connection are closed.
  void expect_ends(recorder& client, close_reason client_end, close_reason server_end) {
    ASSERT_TRUE(until([&] { return client.closed && !acceptor_.users.empty() && acceptor_.users.back().closed; }));
    EXPECT_EQ(client.closed, client_end) << to_string(*client.closed);
    EXPECT_EQ(acceptor_.users.back().closed, server_end) << to_string(*acceptor_.users.back().closed);
    EXPECT_EQ(acceptor_.users.back().opens, 0);
  }
};

TEST_F(TlsStream, MutualTlsTellsEachSideWhomItTalksTo) {
  listen_tls(asking_for_certificates(tls::client_certificates::required));
  auto [client, server] = open_both(connect_tls(presenting(shared().client)));

  const auto seen_by_server = server.connection->peer_identity();
  EXPECT_TRUE(seen_by_server.is_verified);
  EXPECT_THAT(seen_by_server.dns_names, ElementsAre("client.example.org"));
  EXPECT_THAT(seen_by_server.uris, ElementsAre("sip:client.example.org"));
  EXPECT_TRUE(client.connection->peer_identity().names("sip.example.org"));
  EXPECT_EQ(server.connection->server_name(), "sip.example.org");
}

TEST_F(TlsStream, RecordsThatTakeAllOfATurnsTimeLeaveTheNextOnesToTheNextTurn) {
  listen_tls();
  auto [client, server] = open_both(connect_tls());
  spin();
  server.when_bytes = [this](stream&, auto) { now_ += 1s; };
  client.connection->send("first");
  client.connection->send("second");
  lane_.run_once(10ms);
  EXPECT_EQ(server.received, "first");
  lane_.run_once(10ms);
  EXPECT_EQ(server.received, "firstsecond");
}

TEST_F(TlsStream, AClientWithoutACertificateIsRefusedWhereOneIsRequired) {
  listen_tls(asking_for_certificates(tls::client_certificates::required));
  auto& client = connect_tls();

  // TLS 1.3: the client's own handshake is over before the server can refuse.
  ASSERT_TRUE(until([&] { return client.closed && acceptor_.users.back().closed; }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::certificate_missing);
  EXPECT_EQ(client.closed, close_reason::refused_by_peer);
}

TEST_F(TlsStream, AClientWithoutACertificateIsUnverifiedWhereOneIsOptional) {
  listen_tls(asking_for_certificates(tls::client_certificates::optional));
  auto without = open_both(connect_tls());
  EXPECT_FALSE(without.server.connection->peer_identity().is_verified);
  EXPECT_TRUE(without.server.connection->peer_identity().dns_names.empty());

  auto with = open_both(connect_tls(presenting(shared().client)));
  EXPECT_TRUE(until([&] { return acceptor_.users.size() == 2 && acceptor_.users.back().opens == 1; }));
  EXPECT_TRUE(acceptor_.users.back().connection->peer_identity().is_verified);
  EXPECT_EQ(with.client.opens, 1);
}

TEST_F(TlsStream, AClientCertificateOfAnotherCaIsRefusedEvenWhereItIsOptional) {
  const tls::development_ca other_ca;
  listen_tls(asking_for_certificates(tls::client_certificates::optional));
  auto& client = connect_tls(presenting(other_ca.make({.names = {"client.example.org"}})));

  ASSERT_TRUE(until([&] { return client.closed && acceptor_.users.back().closed; }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::certificate_refused);
  EXPECT_EQ(client.closed, close_reason::refused_by_peer);
}

TEST_F(TlsStream, AClientCertificateWithoutTheClientRoleIsRefused) {
  listen_tls(asking_for_certificates(tls::client_certificates::required));
  auto& client = connect_tls(presenting(shared().ca.make({.names = {"client.example.org"}, .for_clients = false})));

  ASSERT_TRUE(until([&] { return client.closed && acceptor_.users.back().closed; }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::certificate_refused);
}

TEST_F(TlsStream, AServerOfAnotherCaIsRefused) {
  const tls::development_ca other_ca;
  listen_tls();
  expect_ends(connect_tls({.peers = other_ca.as_trust()}), close_reason::certificate_refused,
              close_reason::refused_by_peer);
}

TEST_F(TlsStream, AServerOfAnotherNameIsRefused) {
  listen_tls();
  auto& client = connect_tls(trusting(), "other.example.org");

  ASSERT_TRUE(until([&] { return client.closed.has_value(); }));
  EXPECT_EQ(client.closed, close_reason::certificate_name);
  EXPECT_EQ(client.opens, 0);
}

TEST_F(TlsStream, AServerMayBeExpectedByItsAddressOrNotAtAll) {
  listen_tls();
  EXPECT_EQ(open_both(connect_tls(trusting(), "127.0.0.1")).client.connection->server_name(), "");
  open_both(connect_tls(trusting(), ""));
}

TEST_F(TlsStream, AHalfOpenHandshakeEndsAtItsDeadlineAndNotBefore) {
  listen_tls();
  raw_peer silent{listener_->local()};
  raw_peer slow{listener_->local()};
  slow.send(std::string_view{"\x16\x03\x01\x02\x00\x01", 6}); // The head of a ClientHello that never comes.
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 2; }));
  pass(stream_limits{}.handshake_timeout - 1ms);
  EXPECT_FALSE(acceptor_.users.front().closed);

  pass(1ms + timer_slots::tick);
  for (const auto& user : acceptor_.users)
    EXPECT_EQ(user.closed, close_reason::handshake_timeout);
  EXPECT_EQ(closed_by(close_reason::handshake_timeout), 2u);
}

class PlainTextOnTls : public TlsStream, public testing::WithParamInterface<std::string> {};

TEST_P(PlainTextOnTls, IsRecognised) {
  listen_tls();
  raw_peer peer{listener_->local()};
  peer.send(GetParam());

  ASSERT_TRUE(until([&] { return !acceptor_.users.empty() && acceptor_.users.back().closed; }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::plain_text_on_tls)
    << to_string(*acceptor_.users.back().closed);
}

INSTANTIATE_TEST_SUITE_P(Of, PlainTextOnTls,
                         testing::Values("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\n\r\n",
                                         "CONNECT a:443 HTTP/1.1\r\n\r\n", "REGISTER sip:a SIP/2.0\r\n\r\n",
                                         "INVITE sip:a SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n",
                                         "SSH-2.0-OpenSSH_9\r\n", std::string("\x00\x01\x00\x00\x21\x12\xA4\x42", 8)));

TEST_F(TlsStream, OldVersionsAreRefused) {
  listen_tls();
  raw_tls_peer peer{listener_->local(), [](SSL* tls) {
                      SSL_set_min_proto_version(tls, TLS1_1_VERSION);
                      SSL_set_max_proto_version(tls, TLS1_1_VERSION);
                      SSL_set_cipher_list(tls, "ALL:@SECLEVEL=0");
                    }};
  ASSERT_TRUE(until([&] { return peer.step() || (!acceptor_.users.empty() && acceptor_.users.back().closed); }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::handshake_failed);
}

TEST_F(TlsStream, RenegotiationIsNotDone) {
  listen_tls();
  raw_tls_peer peer{listener_->local(), [](SSL* tls) {
                      SSL_set_max_proto_version(tls, TLS1_2_VERSION);
                      SSL_clear_options(tls, SSL_OP_NO_RENEGOTIATION);
                    }};
  ASSERT_TRUE(until([&] { return peer.step(); }));
  ASSERT_EQ(SSL_renegotiate(peer.get()), 1);
  // The server answers with a warning, at which OpenSSL's client gives up.
  ASSERT_TRUE(
    until([&] { return SSL_do_handshake(peer.get()) != 1 && SSL_get_error(peer.get(), -1) == SSL_ERROR_SSL; }));
  EXPECT_EQ(lane_.counters().handshakes.read(), 1u);
}

TEST_F(TlsStream, BrokenRecordsAfterTheHandshakeEndIt) {
  listen_tls();
  raw_tls_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return peer.step() && acceptor_.users.back().opens == 1; }));
  peer.raw().send(std::string_view{"\x17\x03\x03\x00\x20 this is thirty-two bytes of junk", 37});

  ASSERT_TRUE(until([&] { return acceptor_.users.back().closed.has_value(); }));
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::tls_error);
}

TEST_F(TlsStream, AnEndWithoutCloseNotifyIsAnEnd) {
  listen_tls();
  raw_tls_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return peer.step() && acceptor_.users.back().opens == 1; }));
  peer.raw().close();

  ASSERT_TRUE(until([&] { return acceptor_.users.back().closed.has_value(); }));
  EXPECT_THAT(*acceptor_.users.back().closed, testing::AnyOf(close_reason::peer_closed, close_reason::reset));
}

TEST_F(TlsStream, CloseSaysCloseNotify) {
  listen_tls();
  raw_tls_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return peer.step() && acceptor_.users.back().opens == 1; }));
  acceptor_.users.back().connection->close(close_reason::local_close);

  std::array<char, 16> buffer;
  ASSERT_TRUE(until([&] {
    const int got = SSL_read(peer.get(), buffer.data(), buffer.size());
    return got <= 0 && SSL_get_error(peer.get(), got) == SSL_ERROR_ZERO_RETURN;
  }));
  peer.raw().close();
  ASSERT_TRUE(until([&] { return acceptor_.users.back().closed.has_value(); }));
}

TEST_F(TlsStream, ThePeersCloseNotifyIsAnswered) {
  listen_tls();
  raw_tls_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return peer.step() && acceptor_.users.back().opens == 1; }));
  SSL_shutdown(peer.get());

  ASSERT_TRUE(until([&] { return SSL_shutdown(peer.get()) == 1; })); // 1: both directions are closed.
  EXPECT_EQ(acceptor_.users.back().closed, close_reason::peer_closed);
}

TEST_F(TlsStream, ATicketResumesASessionWithItsVerifiedIdentityUntilTheNextReload) {
  listen_tls(asking_for_certificates(tls::client_certificates::optional));
  const auto resumes = [&](SSL_SESSION* session) {
    raw_tls_peer peer{listener_->local(), [&](SSL* tls) {
                        SSL_set_max_proto_version(tls, TLS1_2_VERSION); // Its ticket comes within the handshake.
                        SSL_set_session(tls, session);
                      }};
    EXPECT_TRUE(until([&] { return peer.step() && acceptor_.users.back().opens == 1; }));
    EXPECT_TRUE(acceptor_.users.back().connection->peer_identity().names("client.example.org"));
    return SSL_session_reused(peer.get()) == 1;
  };
  SSL_SESSION* session = nullptr;
  {
    raw_tls_peer peer{listener_->local(), [](SSL* tls) { SSL_set_max_proto_version(tls, TLS1_2_VERSION); }};
    ASSERT_TRUE(until([&] { return peer.step(); }));
    session = SSL_get1_session(peer.get());
    SSL_shutdown(peer.get()); // OpenSSL resumes no session that broke off.
  }
  const std::unique_ptr<SSL_SESSION, tls::openssl_delete<SSL_SESSION_free>> owner{session};

  EXPECT_TRUE(resumes(session));
  slot_.swap(std::make_shared<const tls::server_context>(asking_for_certificates(tls::client_certificates::optional)));
  EXPECT_FALSE(resumes(session));
}

TEST_F(TlsStream, AReloadChangesNewConnectionsOnly) {
  listen_tls();
  auto old_ends = open_both(connect_tls());
  const auto renewed = shared().ca.make({.names = {"sip.example.org", "new.example.org"}});
  slot_.swap(std::make_shared<const tls::server_context>(tls::server_options{.certificates = {renewed}}));

  auto new_ends = open_both(connect_tls(trusting(), "new.example.org"));
  EXPECT_TRUE(new_ends.client.connection->peer_identity().names("new.example.org"));
  EXPECT_FALSE(old_ends.client.connection->peer_identity().names("new.example.org"));
  old_ends.client.connection->send("still here");
  ASSERT_TRUE(until([&] { return acceptor_.users.front().received == "still here"; }));
}

TEST_F(TlsStream, AReloadDuringAHandshakeDoesNotDisturbIt) {
  listen_tls();
  raw_tls_peer peer{listener_->local()};
  ASSERT_TRUE(until([&] { return acceptor_.users.size() == 1; })); // Accepted; the ClientHello is not sent yet.
  const auto renewed = shared().ca.make({.names = {"new.example.org"}});
  slot_.swap(std::make_shared<const tls::server_context>(tls::server_options{.certificates = {renewed}}));

  ASSERT_TRUE(until([&] { return peer.step(); }));
  EXPECT_TRUE(tls::peer_identity(*peer.get()).names("sip.example.org"));
}

TEST_F(TlsStream, TheServerNameChoosesTheCertificateAndAnUnknownOneGetsTheFirst) {
  const auto exact = shared().ca.make({.names = {"b.example.net"}});
  const auto wildcard = shared().ca.make({.names = {"*.example.net"}});
  listen_tls({.certificates = {shared().server, wildcard, exact}});
  const auto names_given_to = [&](const std::string& asked) {
    raw_tls_peer peer{listener_->local(), [&](SSL* tls) { SSL_set_tlsext_host_name(tls, asked.c_str()); }};
    EXPECT_TRUE(until([&] { return peer.step(); }));
    return tls::peer_identity(*peer.get()).dns_names;
  };

  EXPECT_THAT(names_given_to("B.example.net"), ElementsAre("b.example.net"));
  EXPECT_THAT(names_given_to("c.example.net"), ElementsAre("*.example.net"));
  EXPECT_THAT(names_given_to("c.d.example.net"), ElementsAre("sip.example.org"));
  EXPECT_THAT(names_given_to("unknown.example.org"), ElementsAre("sip.example.org"));
}

TEST_F(TlsStream, ContradictoryServerOptionsAreRefused) {
  EXPECT_THROW(tls::server_context{{}}, std::invalid_argument);
  EXPECT_THROW(
    (tls::server_context{{.certificates = {shared().server}, .clients = tls::client_certificates::required}}),
    std::invalid_argument);
}

} // namespace
} // namespace sallyport::io::test
