#pragma once
#include <cstddef>

#include "net/tls/certificate.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/trust.hpp"

namespace sallyport::tls {

/// Groups that a ClientHello may name. The registry of TLS has some 60; OpenSSL looks for each key share among all that
/// are named.
inline constexpr std::size_t hello_groups_max = 128;
/// Certificates between a peer's own and one that we trust, and bytes of all that it sends.
inline constexpr int chain_depth_max = 4;
inline constexpr int chain_bytes_max = 32 * 1024;

/// An SSL_CTX with what both roles share: TLS 1.2 and later, forward secrecy and AEAD only, key exchange and signatures
/// of a cost that we chose, no renegotiation, no compression, buffers released while idle, writes that may be partial.
/// Throws std::runtime_error.
[[nodiscard]] ssl_context_ptr make_context(const SSL_METHOD* method);

/// Asks for the peer's certificate and verifies it: its chain under `peers`, within the limits above, its key by
/// `is_dear`. `mode` is SSL_CTX_set_verify's. Throws std::runtime_error.
void verify_peers(SSL_CTX& context, const trust& peers, int mode);

/// Presents `own` with its chain. Throws std::runtime_error.
void use_certificate(SSL_CTX& context, const certificate& own);

} // namespace sallyport::tls
