#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/tls/openssl.hpp"

namespace sallyport::tls::test {

using bignum = std::unique_ptr<BIGNUM, openssl_delete<BN_free>>;

/// An RSA key of the primes 2^a - 1 and 2^b - 1: of a + b bits, and made at once, where a search for primes of that
/// size takes seconds. `e` is its public exponent.
inline key_ptr mersenne_rsa(unsigned a, unsigned b, bignum e) {
  const std::unique_ptr<BN_CTX, openssl_delete<BN_CTX_free>> scratch{BN_CTX_new()};
  const auto number = [] { return bignum{BN_new()}; };
  const auto one_less = [&](const BIGNUM* of) {
    auto made = bignum{BN_dup(of)};
    BN_sub_word(made.get(), 1);
    return made;
  };
  const auto mersenne = [&](unsigned bits) {
    auto made = number();
    BN_set_bit(made.get(), static_cast<int>(bits));
    return one_less(made.get());
  };
  const auto p = mersenne(a);
  const auto q = mersenne(b);
  const auto p1 = one_less(p.get());
  const auto q1 = one_less(q.get());
  const auto n = number(), phi = number(), d = number(), dp = number(), dq = number(), q_inverse = number();
  BN_mul(n.get(), p.get(), q.get(), scratch.get());
  BN_mul(phi.get(), p1.get(), q1.get(), scratch.get());
  if (!BN_mod_inverse(d.get(), e.get(), phi.get(), scratch.get()))
    throw std::invalid_argument{"no exponent for these primes"};
  BN_mod(dp.get(), d.get(), p1.get(), scratch.get());
  BN_mod(dq.get(), d.get(), q1.get(), scratch.get());
  BN_mod_inverse(q_inverse.get(), q.get(), p.get(), scratch.get());

  const std::unique_ptr<OSSL_PARAM_BLD, openssl_delete<OSSL_PARAM_BLD_free>> builder{OSSL_PARAM_BLD_new()};
  const std::initializer_list<std::pair<const char*, const BIGNUM*>> parts{
    {OSSL_PKEY_PARAM_RSA_N, n.get()},          {OSSL_PKEY_PARAM_RSA_E, e.get()},
    {OSSL_PKEY_PARAM_RSA_D, d.get()},          {OSSL_PKEY_PARAM_RSA_FACTOR1, p.get()},
    {OSSL_PKEY_PARAM_RSA_FACTOR2, q.get()},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, dp.get()},
    {OSSL_PKEY_PARAM_RSA_EXPONENT2, dq.get()}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, q_inverse.get()},
  };
  for (const auto& [name, value] : parts)
    OSSL_PARAM_BLD_push_BN(builder.get(), name, value);
  const std::unique_ptr<OSSL_PARAM, openssl_delete<OSSL_PARAM_free>> given{OSSL_PARAM_BLD_to_param(builder.get())};
  const std::unique_ptr<EVP_PKEY_CTX, openssl_delete<EVP_PKEY_CTX_free>> maker{
    EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr)};
  EVP_PKEY* made = nullptr;
  if (EVP_PKEY_fromdata_init(maker.get()) != 1 ||
      EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_KEYPAIR, given.get()) != 1)
    throw std::runtime_error{"RSA key: " + take_errors()};
  return key_ptr{made};
}

inline bignum exponent(unsigned long value = 65537) {
  bignum made{BN_new()};
  BN_set_word(made.get(), value);
  return made;
}

/// 2^(bits - 1) + 1, of so many bits.
inline bignum long_exponent(int bits) {
  auto made = exponent(1);
  BN_set_bit(made.get(), bits - 1);
  return made;
}

/// A certificate and its key, as no `development_ca` would make them: by whoever, of any key.
struct signed_key {
  x509_ptr certificate;
  key_ptr key;
};

/// Signed by `issuer`, or by itself without one. An authority may sign others.
inline signed_key sign(const std::string& name, key_ptr key, const signed_key* issuer, bool is_authority) {
  x509_ptr made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  static std::uint64_t serial = 1;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509* signer = issuer ? issuer->certificate.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer, made.get(), nullptr, nullptr, 0);
  X509_EXTENSION* constraint =
    X509V3_EXT_conf_nid(nullptr, &context, NID_basic_constraints, is_authority ? "critical,CA:TRUE" : "CA:FALSE");
  X509_add_ext(made.get(), constraint, -1);
  X509_EXTENSION_free(constraint);
  if (X509_sign(made.get(), issuer ? issuer->key.get() : key.get(), EVP_sha256()) <= 0)
    throw std::runtime_error{"certificate: " + take_errors()};
  return {std::move(made), std::move(key)};
}

inline signed_key authority(const std::string& name, const signed_key* issuer = nullptr) {
  return sign(name, key_ptr{EVP_EC_gen("P-256")}, issuer, true);
}

/// What `peer` presents from now on, instead of what its context has. OpenSSL's own checks of it are off: a hostile
/// peer has none.
inline void present(SSL& peer, const signed_key& own, const std::vector<X509*>& chain = {}) {
  SSL_set_security_level(&peer, 0);
  SSL_certs_clear(&peer); // There is a place for each kind of key.
  bool is_set = SSL_use_certificate(&peer, own.certificate.get()) == 1 && SSL_use_PrivateKey(&peer, own.key.get()) == 1;
  for (X509* one : chain)
    is_set = is_set && SSL_add1_chain_cert(&peer, one) == 1;
  if (!is_set)
    throw std::runtime_error{"presenting: " + take_errors()};
}

} // namespace sallyport::tls::test
