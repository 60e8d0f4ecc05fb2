#include "net/tls/context_settings.hpp"

#include <stdexcept>

namespace sallyport::tls {

ssl_context_ptr make_context(const SSL_METHOD* method) {
  ssl_context_ptr context{SSL_CTX_new(method)};
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1)
    throw std::runtime_error{"TLS context: " + take_errors()};
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

void use_certificate(SSL_CTX& context, const certificate& own) {
  bool is_set =
    SSL_CTX_use_certificate(&context, &own.leaf()) == 1 && SSL_CTX_use_PrivateKey(&context, &own.key()) == 1;
  for (std::size_t i = 1; is_set && i < own.chain().size(); ++i)
    is_set = SSL_CTX_add1_chain_cert(&context, own.chain()[i].get()) == 1;
  if (!is_set)
    throw std::runtime_error{"TLS certificate: " + take_errors()};
}

} // namespace sallyport::tls
