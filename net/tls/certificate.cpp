#include "net/tls/certificate.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>

#include "net/tls/pem.hpp"

namespace sallyport::tls {
namespace {

constexpr std::string_view development_organisation = "Sallyport development only";

/// Collects what is wrong, each with the place it was found in.
class findings {
public:
  findings(certificate_problems& problems, std::string_view origin) : problems_{problems}, origin_{origin} {}

  void add(certificate_fault fault, std::string_view what) {
    problems_.push_back({fault, std::string{origin_} + ": " + std::string{what}});
  }

private:
  certificate_problems& problems_;
  std::string_view origin_;
};

wall_time wall_time_of(const ASN1_TIME* time) {
  std::tm broken_down{};
  if (ASN1_TIME_to_tm(time, &broken_down) != 1)
    return {}; // 1970: an unreadable end has passed.
  return std::chrono::system_clock::from_time_t(::timegm(&broken_down));
}

bool is_weak_key(const EVP_PKEY& key) {
  switch (EVP_PKEY_get_base_id(&key)) {
  case EVP_PKEY_RSA:
  case EVP_PKEY_RSA_PSS:
    return EVP_PKEY_get_bits(&key) < 2048;
  case EVP_PKEY_EC:
    return EVP_PKEY_get_bits(&key) < 256;
  case EVP_PKEY_ED25519:
  case EVP_PKEY_ED448:
    return false;
  default:
    return true;
  }
}

bool is_self_signed(X509& certificate) {
  return X509_self_signed(&certificate, 0) == 1;
}

bool is_weakly_signed(X509& certificate) {
  int digest = NID_undef;
  X509_get_signature_info(&certificate, &digest, nullptr, nullptr, nullptr);
  return digest == NID_md5 || digest == NID_sha1;
}

bool has_issued(X509& issuer, X509& subject) {
  const bool has =
    X509_check_issued(&issuer, &subject) == X509_V_OK && X509_verify(&subject, X509_get0_pubkey(&issuer)) == 1;
  ERR_clear_error();
  return has;
}

void check_each(const std::vector<std::shared_ptr<X509>>& chain, wall_time now, findings& found) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    X509& one = *chain[i];
    const auto which =
      i == 0 ? std::string{"the certificate"} : "certificate " + std::to_string(i + 1) + " of the chain";
    if (now < wall_time_of(X509_get0_notBefore(&one)))
      found.add(certificate_fault::not_yet_valid, which + " is not valid yet");
    if (now >= wall_time_of(X509_get0_notAfter(&one)))
      found.add(certificate_fault::expired, which + " has expired");
    const EVP_PKEY* key = X509_get0_pubkey(&one);
    if (!key || is_weak_key(*key))
      found.add(certificate_fault::key_weak, which + " has a weak key (RSA needs 2048 bits, a curve 256)");
    if (i == 0 && key && is_dear(*key)) // Of the others a handshake needs no signature made.
      found.add(certificate_fault::key_dear,
                which + " has a key that makes each handshake dear (RSA: " + std::to_string(rsa_bits_max) +
                  " bits at most, its exponent " + std::to_string(rsa_exponent_bits_max) + ")");
    // Nobody relies on the signature of a root.
    if (!is_self_signed(one) && is_weakly_signed(one))
      found.add(certificate_fault::signature_weak, which + " is signed with MD5 or SHA-1");
    if (i + 1 < chain.size() && !has_issued(*chain[i + 1], one))
      found.add(certificate_fault::chain_disordered, which + " is not signed by the one after it");
  }
}

void check_uses(X509& leaf, const identity& names, certificate_uses uses, findings& found) {
  if (uses.server && X509_check_purpose(&leaf, X509_PURPOSE_SSL_SERVER, 0) != 1)
    found.add(certificate_fault::not_for_servers, "its key usage does not allow a TLS server");
  if (uses.client && X509_check_purpose(&leaf, X509_PURPOSE_SSL_CLIENT, 0) != 1)
    found.add(certificate_fault::not_for_clients, "its key usage does not allow a TLS client");
  if (names.dns_names.empty() && names.uris.empty() && names.addresses.empty() && names.common_name.empty())
    found.add(certificate_fault::names_nobody, "it names no host");
  if (!uses.allow_development && is_development(leaf))
    found.add(certificate_fault::development_only, "it was made by `--dev` and is no secret to anybody");
}

} // namespace

std::string_view to_string(certificate_fault fault) noexcept {
  static constexpr std::array<std::string_view, 17> names{
    "chain_unreadable", "chain_unparsable", "key_unreadable",  "key_unparsable", "key_mismatch",
    "key_weak",         "key_dear",         "signature_weak",  "not_yet_valid",  "expired",
    "chain_disordered", "not_for_servers",  "not_for_clients", "names_nobody",   "development_only",
    "trust_unreadable", "trust_unparsable"};
  return names[static_cast<std::size_t>(fault)];
}

bool is_dear(const EVP_PKEY& key) {
  if (const int kind = EVP_PKEY_get_base_id(&key); kind != EVP_PKEY_RSA && kind != EVP_PKEY_RSA_PSS)
    return false; // Of curves, those that no group of ours has sign nothing in a handshake.
  BIGNUM* read = nullptr;
  EVP_PKEY_get_bn_param(&key, OSSL_PKEY_PARAM_RSA_E, &read);
  const std::unique_ptr<BIGNUM, openssl_delete<BN_free>> exponent{read};
  return EVP_PKEY_get_bits(&key) > rsa_bits_max || !exponent || BN_num_bits(exponent.get()) > rsa_exponent_bits_max;
}

bool is_development(const X509& certificate) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_organizationName, -1);
  if (at < 0)
    return false;
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return std::string_view{reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                          static_cast<std::size_t>(ASN1_STRING_length(value))} == development_organisation;
}

bool certificate::is_development() const {
  return tls::is_development(leaf());
}

result<certificate, certificate_problems> certificate::load(const std::filesystem::path& chain,
                                                            const std::filesystem::path& key, certificate_uses uses,
                                                            wall_time now) {
  const auto chain_pem = read_pem_file(chain);
  const auto key_pem = read_pem_file(key);
  auto made = parse(chain_pem.value_or(""), key_pem.value_or(""), uses, now, chain.string());
  if (made)
    return made;
  // What is not there is not merely unparsable.
  for (auto& problem : made.error()) {
    if (!chain_pem && problem.fault == certificate_fault::chain_unparsable)
      problem = {certificate_fault::chain_unreadable, chain.string() + ": cannot be read"};
    if (!key_pem && problem.fault == certificate_fault::key_unparsable)
      problem = {certificate_fault::key_unreadable, key.string() + ": cannot be read"};
  }
  return made;
}

result<certificate, certificate_problems> certificate::parse(std::string_view chain_pem, std::string_view key_pem,
                                                             certificate_uses uses, wall_time now,
                                                             std::string_view origin) {
  certificate_problems problems;
  findings found{problems, origin};
  certificate made;
  made.chain_ = parse_certificates(chain_pem);
  made.key_ = parse_private_key(key_pem);
  if (!made.key_)
    found.add(certificate_fault::key_unparsable,
              "its private key is not readable PEM (an encrypted key is not either)");
  if (made.chain_.empty()) {
    found.add(certificate_fault::chain_unparsable, "holds no certificate in PEM, or a broken one");
    return fail(std::move(problems));
  }
  made.names_ = identity_of(made.leaf());
  made.not_after_ = wall_time_of(X509_get0_notAfter(&made.leaf()));
  if (made.key_ && X509_check_private_key(&made.leaf(), made.key_.get()) != 1)
    found.add(certificate_fault::key_mismatch, "its private key belongs to another certificate");
  check_each(made.chain_, now, found);
  check_uses(made.leaf(), made.names_, uses, found);
  ERR_clear_error();
  if (!problems.empty())
    return fail(std::move(problems));
  return made;
}

} // namespace sallyport::tls
