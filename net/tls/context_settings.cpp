#include "net/tls/context_settings.hpp"

#include <stdexcept>

namespace sallyport::tls {
namespace {

// Said here and not left to OpenSSL or the host's openssl.cnf: a stranger chooses among them, and pays nothing for what
// they cost. Those of finite fields, which OpenSSL offers with TLS 1.3, take up to 500 times what X25519 takes.
constexpr const char* suites = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* groups = "X25519:P-256:P-384";
constexpr const char* signatures = "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519:ed448:"
                                   "RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:"
                                   "rsa_pss_pss_sha256:rsa_pss_pss_sha384:rsa_pss_pss_sha512:"
                                   "RSA+SHA256:RSA+SHA384:RSA+SHA512";
constexpr int security_level = 2; // 112 bits: RSA of 2048, no SHA-1.

constexpr std::size_t list_length_bytes = 2; // RFC 8446, 4.2.7: a length, then groups of two bytes.
constexpr std::size_t group_bytes = 2;

int judge_hello(SSL* connection, int* alert, void*) {
  const unsigned char* named = nullptr;
  std::size_t bytes = 0;
  if (SSL_client_hello_get0_ext(connection, TLSEXT_TYPE_supported_groups, &named, &bytes) == 1 &&
      bytes > list_length_bytes + hello_groups_max * group_bytes) {
    *alert = SSL_AD_ILLEGAL_PARAMETER;
    return SSL_CLIENT_HELLO_ERROR;
  }
  return SSL_CLIENT_HELLO_SUCCESS;
}

/// The peer's own key alone signs at its will. Those above it sign what our authorities have signed, or are not used.
int verify_chain(X509_STORE_CTX* presented, void*) {
  const EVP_PKEY* key = X509_get0_pubkey(X509_STORE_CTX_get0_cert(presented));
  if (key && is_dear(*key)) {
    X509_STORE_CTX_set_error(presented, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  return X509_verify_cert(presented);
}

} // namespace

ssl_context_ptr make_context(const SSL_METHOD* method) {
  ssl_context_ptr context{SSL_CTX_new(method)};
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), suites) != 1 || SSL_CTX_set1_groups_list(context.get(), groups) != 1 ||
      SSL_CTX_set1_sigalgs_list(context.get(), signatures) != 1)
    throw std::runtime_error{"TLS context: " + take_errors()};
  SSL_CTX_set_security_level(context.get(), security_level);
  SSL_CTX_set_client_hello_cb(context.get(), &judge_hello, nullptr); // Of no effect in the client role.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // A blocked write is tried again from the stream's queue, so from another address.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
  // One read for a record's head and body; what lies in the buffer after it is asked for by SSL_has_pending.
  SSL_CTX_set_read_ahead(context.get(), 1);
  // Tickets only: a cache would keep every client's session in memory.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

void verify_peers(SSL_CTX& context, const trust& peers, int mode) {
  SSL_CTX_set_verify(&context, mode, nullptr);
  SSL_CTX_set_verify_depth(&context, chain_depth_max);
  SSL_CTX_set_max_cert_list(&context, chain_bytes_max);
  SSL_CTX_set_cert_verify_callback(&context, &verify_chain, nullptr);
  if (SSL_CTX_set1_verify_cert_store(&context, &peers.store()) != 1)
    throw std::runtime_error{"TLS trust: " + take_errors()};
}

void use_certificate(SSL_CTX& context, const certificate& own) {
  bool is_set =
    SSL_CTX_use_certificate(&context, &own.leaf()) == 1 && SSL_CTX_use_PrivateKey(&context, &own.key()) == 1;
  for (std::size_t i = 1; is_set && i < own.chain().size(); ++i)
    is_set = SSL_CTX_add1_chain_cert(&context, own.chain()[i].get()) == 1;
  if (!is_set)
    throw std::runtime_error{"TLS certificate: " + take_errors()};
}

} // namespace sallyport::tls
