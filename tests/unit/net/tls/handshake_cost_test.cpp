#include <gtest/gtest.h>

#include "net/tls/context_settings.hpp"
#include "net/tls/pem.hpp"
#include "tests/unit/net/tls/handmade_peers.hpp"
#include "tests/unit/net/tls/handshake.hpp"

namespace sallyport::tls {
namespace {

using preparation = test::handshake::preparation;

/// Handshakes between one of our contexts and a peer that asks for what takes long.
class HandshakeCost : public testing::Test {
protected:
  bool is_done(const preparation& prepare) const {
    return test::handshake{client_, server_, "", {}, prepare}.is_done();
  }
  /// Whether a handshake is done that only `peer_is_client`, or else only the server, restricts so.
  bool is_done_with(bool peer_is_client, const std::function<void(SSL&)>& restrict_peer) const {
    return is_done([&](SSL& client, SSL& server) { restrict_peer(peer_is_client ? client : server); });
  }

  /// With a key of RSA: one of a curve would narrow the groups of TLS 1.2 by itself.
  struct shared_parts {
    development_ca ca;
    certificate own = ca.make({.names = {"sip.example.org"}, .key = development_key::rsa_2048});
  };
  static const shared_parts& shared() {
    static const shared_parts parts;
    return parts;
  }

  const client_context client_{{.peers = shared().ca.as_trust()}};
  const server_context server_{{.certificates = {shared().own}}};
};

struct group_case {
  const char* group;
  int version;
  bool is_done;
};

class KeyExchange : public HandshakeCost, public testing::WithParamInterface<group_case> {};

TEST_P(KeyExchange, IsOfTheCheapGroupsOnlyInBothRoles) {
  const auto wants_only = [](SSL& peer) {
    SSL_set_max_proto_version(&peer, GetParam().version);
    ASSERT_EQ(SSL_set1_groups_list(&peer, GetParam().group), 1);
  };
  EXPECT_EQ(is_done_with(true, wants_only), GetParam().is_done) << "as server";
  EXPECT_EQ(is_done_with(false, wants_only), GetParam().is_done) << "as client";
}

INSTANTIATE_TEST_SUITE_P(
  Of, KeyExchange,
  testing::Values(group_case{"X25519", TLS1_3_VERSION, true}, group_case{"P-256", TLS1_3_VERSION, true},
                  group_case{"P-384", TLS1_3_VERSION, true}, group_case{"P-521", TLS1_3_VERSION, false},
                  group_case{"X448", TLS1_3_VERSION, false}, group_case{"ffdhe2048", TLS1_3_VERSION, false},
                  group_case{"ffdhe8192", TLS1_3_VERSION, false}, group_case{"X25519", TLS1_2_VERSION, true},
                  group_case{"P-384", TLS1_2_VERSION, true}, group_case{"P-521", TLS1_2_VERSION, false},
                  group_case{"X448", TLS1_2_VERSION, false}),
  [](const auto& tested) {
    std::string name = tested.param.group;
    std::erase(name, '-');
    return name + (tested.param.version == TLS1_3_VERSION ? "_1_3" : "_1_2");
  });

TEST_F(HandshakeCost, OldVersionsAreRefusedInBothRoles) {
  const auto is_old = [](SSL& peer) {
    SSL_set_security_level(&peer, 0);
    SSL_set_min_proto_version(&peer, TLS1_VERSION);
    SSL_set_max_proto_version(&peer, TLS1_1_VERSION);
    SSL_set_cipher_list(&peer, "ALL");
  };
  EXPECT_FALSE(is_done_with(true, is_old));
  EXPECT_FALSE(is_done_with(false, is_old));
}

TEST_F(HandshakeCost, SuitesOfFiniteFieldsAreRefusedInBothRoles) {
  const auto is_finite = [](SSL& peer) {
    SSL_set_max_proto_version(&peer, TLS1_2_VERSION);
    SSL_set_cipher_list(&peer, "DHE");
    SSL_set_dh_auto(&peer, 1);
  };
  EXPECT_FALSE(is_done_with(true, is_finite));
  EXPECT_FALSE(is_done_with(false, is_finite));
}

TEST_F(HandshakeCost, SignaturesOfSha1AreRefusedInBothRoles) {
  const auto is_old = [](SSL& peer) {
    SSL_set_security_level(&peer, 0);
    SSL_set_max_proto_version(&peer, TLS1_2_VERSION);
    SSL_set1_sigalgs_list(&peer, "RSA+SHA1");
  };
  EXPECT_FALSE(is_done_with(true, is_old));
  EXPECT_FALSE(is_done_with(false, is_old));
}

constexpr std::size_t x25519 = 0x1D; // RFC 8446, 4.2.7

std::string number_of_2(std::size_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string counted_by_2(const std::string& bytes) {
  return number_of_2(bytes.size()) + bytes;
}

std::string extension_of(std::size_t kind, const std::string& body) {
  return number_of_2(kind) + counted_by_2(body);
}

/// A record with a ClientHello of TLS 1.3 (RFC 8446, 4.1.2) that names so many groups, and brings a share of the last.
std::string hello_of(std::size_t groups) {
  std::string named;
  for (std::size_t i = 1; i < groups; ++i)
    named += number_of_2(0x6000 + i);
  named += number_of_2(x25519);
  const auto share = number_of_2(x25519) + counted_by_2(std::string(32, '9'));
  const auto extensions = extension_of(TLSEXT_TYPE_supported_versions, "\x02\x03\x04") +
                          extension_of(TLSEXT_TYPE_signature_algorithms, counted_by_2("\x08\x04")) +
                          extension_of(TLSEXT_TYPE_supported_groups, counted_by_2(named)) +
                          extension_of(TLSEXT_TYPE_key_share, counted_by_2(share));
  const std::string no_session(1, '\0');
  const std::string no_compression{"\x01\x00", 2};
  const auto body = "\x03\x03" + std::string(32, 'r') + no_session + counted_by_2("\x13\x01") + no_compression +
                    counted_by_2(extensions);
  return "\x16\x03\x01" + counted_by_2(std::string{"\x01\x00", 2} + counted_by_2(body));
}

TEST_F(HandshakeCost, AHelloThatNamesMoreGroupsThanThereAreIsRefused) {
  const auto first_byte_of_answer = [&](std::size_t groups) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
    const auto hello = hello_of(groups);
    EXPECT_EQ(::send(ends[0], hello.data(), hello.size(), 0), static_cast<ssize_t>(hello.size()));
    const auto server = server_.make_connection(ends[1], nullptr);
    EXPECT_NE(SSL_do_handshake(server.get()), 1);
    unsigned char answer = 0;
    EXPECT_EQ(::recv(ends[0], &answer, 1, 0), 1);
    for (const int end : ends)
      ::close(end);
    return answer;
  };
  EXPECT_EQ(first_byte_of_answer(hello_groups_max), SSL3_RT_HANDSHAKE);
  EXPECT_EQ(first_byte_of_answer(hello_groups_max + 1), SSL3_RT_ALERT);
}

/// Two peers under one authority, each verifying the other, one of which presents what the test says.
class PeersCertificate : public testing::Test {
protected:
  bool is_accepted_by_server(const test::signed_key& own, const std::vector<X509*>& chain = {}) const {
    return test::handshake{client_, server_, "", {}, [&](SSL& client, SSL&) { test::present(client, own, chain); }}
      .is_done();
  }
  bool is_accepted_by_client(const test::signed_key& own, const std::vector<X509*>& chain = {}) const {
    return test::handshake{client_, server_, "", {}, [&](SSL&, SSL& server) { test::present(server, own, chain); }}
      .is_done();
  }
  static key_ptr cheap_key() { return key_ptr{EVP_EC_gen("P-256")}; }
  test::signed_key leaf(key_ptr key) const {
    return test::sign("peer.example.org", std::move(key), &authority_, false);
  }

  const development_ca ca_; // Of the one that behaves.
  const test::signed_key authority_ = test::authority("authority");
  const trust both_ = trust::parse(ca_.pem() + certificate_pem(*authority_.certificate)).value();
  const certificate own_ = ca_.make({.names = {"sip.example.org"}});
  const client_context client_{{.peers = both_, .own = own_}};
  const server_context server_{
    {.certificates = {own_}, .clients = client_certificates::required, .client_trust = both_}};
};

TEST_F(PeersCertificate, OfALongRsaKeyIsRefusedInBothRoles) {
  const auto lawful = leaf(test::mersenne_rsa(1279, 2203, test::exponent()));
  const auto too_long = leaf(test::mersenne_rsa(2203, 2281, test::exponent()));
  ASSERT_EQ(EVP_PKEY_get_bits(too_long.key.get()), 4484);

  EXPECT_TRUE(is_accepted_by_server(lawful));
  EXPECT_TRUE(is_accepted_by_client(lawful));
  EXPECT_FALSE(is_accepted_by_server(too_long));
  EXPECT_FALSE(is_accepted_by_client(too_long));
}

TEST_F(PeersCertificate, OfALongExponentIsRefusedInBothRoles) {
  const auto of = [&](int bits) { return leaf(test::mersenne_rsa(607, 2203, test::long_exponent(bits))); };
  const auto lawful = of(rsa_exponent_bits_max - 1);
  const auto too_long = of(rsa_exponent_bits_max + 1);

  EXPECT_TRUE(is_accepted_by_server(lawful));
  EXPECT_TRUE(is_accepted_by_client(lawful));
  EXPECT_FALSE(is_accepted_by_server(too_long));
  EXPECT_FALSE(is_accepted_by_client(too_long));
}

TEST_F(PeersCertificate, BelowALongChainIsRefusedInBothRoles) {
  std::vector<test::signed_key> between;
  std::vector<X509*> chain;
  for (int i = 0; i < chain_depth_max; ++i) {
    between.push_back(test::authority("authority " + std::to_string(i), i == 0 ? &authority_ : &between.back()));
    chain.insert(chain.begin(), between.back().certificate.get());
  }
  const auto deepest = test::sign("peer.example.org", cheap_key(), &between.back(), false);
  EXPECT_TRUE(is_accepted_by_server(deepest, chain));
  EXPECT_TRUE(is_accepted_by_client(deepest, chain));

  const auto one_more = test::authority("one more", &between.back());
  chain.insert(chain.begin(), one_more.certificate.get());
  const auto too_deep = test::sign("peer.example.org", cheap_key(), &one_more, false);
  EXPECT_FALSE(is_accepted_by_server(too_deep, chain));
  EXPECT_FALSE(is_accepted_by_client(too_deep, chain));
}

TEST_F(PeersCertificate, AmongTooManyBytesIsRefusedInBothRoles) {
  const auto lawful = leaf(cheap_key());
  const auto bytes_each = static_cast<std::size_t>(i2d_X509(authority_.certificate.get(), nullptr));
  // What does not belong to the chain costs room and time too.
  const std::vector<X509*> some(chain_bytes_max / bytes_each / 2, authority_.certificate.get());
  const std::vector<X509*> too_many(chain_bytes_max / bytes_each + 1, authority_.certificate.get());

  EXPECT_TRUE(is_accepted_by_server(lawful, some));
  EXPECT_TRUE(is_accepted_by_client(lawful, some));
  EXPECT_FALSE(is_accepted_by_server(lawful, too_many));
  EXPECT_FALSE(is_accepted_by_client(lawful, too_many));
}

} // namespace
} // namespace sallyport::tls
