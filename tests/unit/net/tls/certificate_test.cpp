#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include <ctime>
#include <fstream>

#include "net/tls/certificate.hpp"
#include "net/tls/development_ca.hpp"
#include "net/tls/pem.hpp"
#include "tests/unit/net/tls/handmade_peers.hpp"

namespace sallyport::tls {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const auto now = std::chrono::system_clock::now();
constexpr certificate_uses both_roles{.server = true, .client = true, .allow_development = true};

const development_ca& ca() {
  static const development_ca one;
  return one;
}

std::vector<certificate_fault> faults(const result<certificate, certificate_problems>& loaded) {
  std::vector<certificate_fault> found;
  if (!loaded)
    for (const auto& problem : loaded.error())
      found.push_back(problem.fault);
  return found;
}

/// A certificate for a key of this kind, whoever signed it, and that key.
pem_pair of_key(key_ptr key) {
  const auto signer = ca().issue({.names = {"a.example"}});
  const auto made = parse_certificates(signer.chain).front();
  X509_set_pubkey(made.get(), key.get());
  X509_sign(made.get(), parse_private_key(signer.key).get(), EVP_sha256());
  return {certificate_pem(*made), private_key_pem(*key)};
}

wall_time first_second_of(const certificate& one) {
  std::tm broken_down{};
  ASN1_TIME_to_tm(X509_get0_notBefore(&one.leaf()), &broken_down);
  return std::chrono::system_clock::from_time_t(::timegm(&broken_down));
}

struct case_of {
  const char* name;
  development_request request;
  std::vector<certificate_fault> expected;
};

class CertificateProblems : public testing::TestWithParam<case_of> {};

TEST_P(CertificateProblems, AreFound) {
  const auto pem = ca().issue(GetParam().request);
  EXPECT_EQ(faults(certificate::parse(pem.chain, pem.key, both_roles, now)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
  Table, CertificateProblems,
  testing::Values(
    case_of{"good", {.names = {"sip.example.org"}}, {}},
    case_of{"good_rsa", {.names = {"sip.example.org"}, .key = development_key::rsa_2048}, {}},
    case_of{"good_address", {.names = {"192.0.2.1", "2001:db8::1"}}, {}},
    case_of{"good_by_common_name", {.common_name = "sip.example.org"}, {}},
    case_of{"weak_key", {.names = {"a.example"}, .key = development_key::rsa_1024}, {certificate_fault::key_weak}},
    case_of{"expired", {.names = {"a.example"}, .valid_from = -2h, .valid_for = 1h}, {certificate_fault::expired}},
    case_of{"not_yet_valid", {.names = {"a.example"}, .valid_from = 1h}, {certificate_fault::not_yet_valid}},
    case_of{"client_only", {.names = {"a.example"}, .for_servers = false}, {certificate_fault::not_for_servers}},
    case_of{"server_only", {.names = {"a.example"}, .for_clients = false}, {certificate_fault::not_for_clients}},
    case_of{"nameless", {}, {certificate_fault::names_nobody}},
    case_of{"everything",
            {.for_clients = false, .valid_from = -2h, .valid_for = 1h, .key = development_key::rsa_1024},
            {certificate_fault::expired, certificate_fault::key_weak, certificate_fault::not_for_clients,
             certificate_fault::names_nobody}}),
  [](const auto& tested) { return tested.param.name; });

TEST(Certificate, KnowsItsNamesAndItsEnd) {
  const auto made = ca().make({.names = {"SIP.example.org", "192.0.2.1", "sip:example.org"}, .valid_for = 1h + 600s});

  EXPECT_THAT(made.names().dns_names, ElementsAre("sip.example.org"));
  EXPECT_THAT(made.names().addresses, ElementsAre(*ip_address::parse("192.0.2.1")));
  EXPECT_THAT(made.names().uris, ElementsAre("sip:example.org"));
  EXPECT_GT(made.not_after(), now + 5min);
  EXPECT_LT(made.not_after(), now + 15min);
}

TEST(Certificate, IsValidFromItsFirstSecondToItsEnd) {
  const auto pem = ca().issue({.names = {"a.example"}, .valid_for = 2h});
  const auto made = certificate::parse(pem.chain, pem.key, both_roles, now);
  ASSERT_TRUE(made);
  const auto at = [&](wall_time when) { return faults(certificate::parse(pem.chain, pem.key, both_roles, when)); };

  EXPECT_THAT(at(first_second_of(*made) - 1s), ElementsAre(certificate_fault::not_yet_valid));
  EXPECT_THAT(at(first_second_of(*made)), IsEmpty());
  EXPECT_THAT(at(made->not_after() - 1s), IsEmpty());
  EXPECT_THAT(at(made->not_after()), ElementsAre(certificate_fault::expired)); // As OpenSSL verifies it.
}

TEST(Certificate, OnlyAKeyKnownToBeStrongIsNotWeak) {
  const auto of = [](key_ptr key) {
    const auto pem = of_key(std::move(key));
    return faults(certificate::parse(pem.chain, pem.key, both_roles, now));
  };
  EXPECT_THAT(of(key_ptr{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")}), IsEmpty());
  EXPECT_THAT(of(key_ptr{EVP_EC_gen("P-384")}), IsEmpty());
  EXPECT_THAT(of(key_ptr{EVP_EC_gen("P-224")}), ElementsAre(certificate_fault::key_weak));
  // Of a kind that signs nothing, so that no handshake could use it.
  EXPECT_THAT(of(key_ptr{EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")}), ElementsAre(certificate_fault::key_weak));
}

TEST(Certificate, AKeyThatMakesEachHandshakeDearIsRefused) {
  const auto of = [](unsigned a, unsigned b, test::bignum exponent) {
    const auto pem = of_key(test::mersenne_rsa(a, b, std::move(exponent)));
    return faults(certificate::parse(pem.chain, pem.key, both_roles, now));
  };
  EXPECT_THAT(of(1279, 2203, test::exponent()), IsEmpty());
  EXPECT_THAT(of(2203, 2281, test::exponent()), ElementsAre(certificate_fault::key_dear)); // 4484 bits
  EXPECT_THAT(of(607, 2203, test::long_exponent(rsa_exponent_bits_max + 1)), ElementsAre(certificate_fault::key_dear));
}

TEST(Certificate, AKeyOf4096BitsIsNotDearYet) {
  const key_ptr longest{EVP_RSA_gen(rsa_bits_max)};
  ASSERT_TRUE(longest);
  EXPECT_FALSE(is_dear(*longest));
}

TEST(Certificate, RefusesTheKeyOfAnother) {
  const auto one = ca().issue({.names = {"a.example"}});
  const auto other = ca().issue({.names = {"a.example"}});

  EXPECT_THAT(faults(certificate::parse(one.chain, other.key, both_roles, now)),
              ElementsAre(certificate_fault::key_mismatch));
}

TEST(Certificate, RefusesWhatIsNotPem) {
  const auto good = ca().issue({.names = {"a.example"}});
  const auto cut = good.chain.substr(0, good.chain.size() / 2);

  EXPECT_THAT(faults(certificate::parse("", "", both_roles, now)),
              UnorderedElementsAre(certificate_fault::chain_unparsable, certificate_fault::key_unparsable));
  EXPECT_THAT(faults(certificate::parse(cut, good.key, both_roles, now)),
              ElementsAre(certificate_fault::chain_unparsable));
  EXPECT_THAT(faults(certificate::parse(good.chain + cut, good.key, both_roles, now)),
              ElementsAre(certificate_fault::chain_unparsable));
  EXPECT_THAT(faults(certificate::parse(good.chain, "hello", both_roles, now)),
              ElementsAre(certificate_fault::key_unparsable));
}

TEST(Certificate, AnEncryptedKeyIsUnparsableAndAsksNobody) {
  const auto good = ca().issue({.names = {"a.example"}});
  const auto made = certificate::parse(good.chain, good.key, both_roles, now);
  const bio_ptr memory{BIO_new(BIO_s_mem())};
  const unsigned char passphrase[] = "secret";
  PEM_write_bio_PKCS8PrivateKey(memory.get(), &made->key(), EVP_aes_128_cbc(),
                                reinterpret_cast<const char*>(passphrase), 6, nullptr, nullptr);
  char* bytes = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &bytes);

  EXPECT_THAT(faults(certificate::parse(good.chain, {bytes, static_cast<std::size_t>(size)}, both_roles, now)),
              ElementsAre(certificate_fault::key_unparsable));
}

TEST(Certificate, RefusesAChainOutOfOrder) {
  const auto leaf = ca().issue({.names = {"a.example"}});
  const development_ca other_ca;

  EXPECT_TRUE(certificate::parse(leaf.chain + ca().pem(), leaf.key, both_roles, now).has_value());
  EXPECT_THAT(faults(certificate::parse(leaf.chain + other_ca.pem(), leaf.key, both_roles, now)),
              ElementsAre(certificate_fault::chain_disordered));
}

TEST(Certificate, DevelopmentOnesAreRefusedUnlessAllowed) {
  const auto marked = ca().issue({.names = {"a.example"}});
  const auto unmarked = ca().issue({.names = {"a.example"}, .is_marked = false});

  EXPECT_THAT(faults(certificate::parse(marked.chain, marked.key, {}, now)),
              ElementsAre(certificate_fault::development_only));
  EXPECT_TRUE(certificate::parse(unmarked.chain, unmarked.key, {}, now).has_value());
  EXPECT_TRUE(ca().make({.names = {"a.example"}}).is_development());
}

TEST(Certificate, LoadsFilesAndNamesTheOneThatIsMissing) {
  const std::filesystem::path folder = testing::TempDir();
  const auto pem = ca().issue({.names = {"a.example"}});
  const auto chain = folder / "certificate_test_chain.pem";
  const auto key = folder / "certificate_test_key.pem";
  std::ofstream{chain} << pem.chain;
  std::ofstream{key} << pem.key;

  EXPECT_TRUE(certificate::load(chain, key, both_roles, now).has_value());
  const auto missing = certificate::load(chain, folder / "none.pem", both_roles, now);
  EXPECT_THAT(faults(missing), ElementsAre(certificate_fault::key_unreadable));
  EXPECT_NE(missing.error().front().text.find("none.pem"), std::string::npos);
  EXPECT_THAT(faults(certificate::load(folder / "none", folder / "none", both_roles, now)),
              UnorderedElementsAre(certificate_fault::chain_unreadable, certificate_fault::key_unreadable));
  EXPECT_THAT(faults(certificate::load(folder, key, both_roles, now)),
              ElementsAre(certificate_fault::chain_unreadable)); // A folder is no file.
}

TEST(Certificate, EveryFaultHasAName) {
  for (int i = 0; i <= static_cast<int>(certificate_fault::trust_unparsable); ++i)
    EXPECT_FALSE(to_string(static_cast<certificate_fault>(i)).empty());
}

TEST(Trust, TakesOneCertificateOrMoreAndNothingElse) {
  const development_ca other;

  EXPECT_EQ(trust::parse(ca().pem() + other.pem())->certificates().size(), 2u);
  EXPECT_EQ(trust::parse("").error().front().fault, certificate_fault::trust_unparsable);
  EXPECT_EQ(trust::load("/none").error().front().fault, certificate_fault::trust_unreadable);
}

} // namespace
} // namespace sallyport::tls
