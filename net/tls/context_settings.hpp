#pragma once
#include "net/tls/certificate.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::tls {

/// An SSL_CTX with what both roles share: TLS 1.2 and later, forward secrecy and AEAD only, no renegotiation, no
/// compression, buffers released while idle, writes that may be partial. Throws std::runtime_error.
[[nodiscard]] ssl_context_ptr make_context(const SSL_METHOD* method);

/// Presents `own` with its chain. Throws std::runtime_error.
void use_certificate(SSL_CTX& context, const certificate& own);

} // namespace sallyport::tls
