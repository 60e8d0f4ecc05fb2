#include "net/tls/development_ca.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <stdexcept>

#include "net/tls/pem.hpp"

namespace sallyport::tls {
namespace {

constexpr const char* organisation = "Sallyport development only";

void require(bool is_done, const char* what) {
  if (!is_done)
    throw std::runtime_error{std::string{"development certificate, "} + what + ": " + take_errors()};
}

key_ptr make_key(development_key kind) {
  key_ptr key;
  switch (kind) {
  case development_key::p256:
    key.reset(EVP_EC_gen("P-256"));
    break;
  case development_key::rsa_2048:
    key.reset(EVP_RSA_gen(2048));
    break;
  case development_key::rsa_1024:
    key.reset(EVP_RSA_gen(1024));
    break;
  }
  require(key != nullptr, "key");
  return key;
}

void name_entry(X509& certificate, const char* field, const std::string& value) {
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0) == 1,
          "name");
}

void extension(X509& certificate, X509& issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  const bool is_added = made && X509_add_ext(&certificate, made, -1) == 1;
  X509_EXTENSION_free(made);
  require(is_added, "extension");
}

/// Version, a random serial number, validity and key.
x509_ptr blank(EVP_PKEY& key, std::chrono::seconds valid_from, std::chrono::seconds valid_for) {
  x509_ptr certificate{X509_new()};
  require(certificate != nullptr, "memory");
  std::uint64_t serial = 0;
  require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1, "serial number");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial | 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), (valid_from + valid_for).count());
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) {
    const bool is_address = ip_address::parse(name).has_value();
    const bool is_uri = !is_address && name.find(':') != std::string::npos;
    list += list.empty() ? "" : ",";
    list += (is_address ? "IP:" : is_uri ? "URI:" : "DNS:") + name;
  }
  return list;
}

} // namespace

development_ca::development_ca() : key_{make_key(development_key::p256)} {
  using std::chrono::hours;
  certificate_ = blank(*key_, -hours{1}, hours{24 * 365});
  name_entry(*certificate_, "O", organisation);
  name_entry(*certificate_, "CN", "Sallyport development CA");
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  extension(*certificate_, *certificate_, NID_basic_constraints, "critical,CA:TRUE");
  extension(*certificate_, *certificate_, NID_key_usage, "critical,keyCertSign,cRLSign");
  extension(*certificate_, *certificate_, NID_subject_key_identifier, "hash");
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0, "signature");
}

pem_pair development_ca::issue(const development_request& request) const {
  const auto key = make_key(request.key);
  const auto leaf = blank(*key, request.valid_from, request.valid_for);
  if (request.is_marked)
    name_entry(*leaf, "O", organisation);
  if (!request.common_name.empty())
    name_entry(*leaf, "CN", request.common_name);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(certificate_.get()));
  extension(*leaf, *certificate_, NID_basic_constraints, "critical,CA:FALSE");
  extension(*leaf, *certificate_, NID_authority_key_identifier, "keyid");
  std::string uses = request.for_servers ? "serverAuth" : "";
  if (request.for_clients)
    uses += uses.empty() ? "clientAuth" : ",clientAuth";
  if (!uses.empty())
    extension(*leaf, *certificate_, NID_ext_key_usage, uses);
  if (!request.names.empty())
    extension(*leaf, *certificate_, NID_subject_alt_name, alternative_names(request.names));
  require(X509_sign(leaf.get(), key_.get(), EVP_sha256()) > 0, "signature");
  return {certificate_pem(*leaf), private_key_pem(*key)};
}

certificate development_ca::make(const development_request& request) const {
  const auto pem = issue(request);
  const certificate_uses uses{.server = request.for_servers, .client = request.for_clients, .allow_development = true};
  auto made = certificate::parse(pem.chain, pem.key, uses, std::chrono::system_clock::now());
  if (!made)
    throw std::runtime_error{made.error().front().text};
  return std::move(*made);
}

std::string development_ca::pem() const {
  return certificate_pem(*certificate_);
}

trust development_ca::as_trust() const {
  return trust::parse(pem()).value();
}

} // namespace sallyport::tls
