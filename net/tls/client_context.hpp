#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls/certificate.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/trust.hpp"

namespace sallyport::tls {

struct client_options {
  trust peers;                                         ///< What the server's chain must lead to.
  std::optional<certificate> own = {};                 ///< Presented when the server asks.
  std::vector<std::string> application_protocols = {}; ///< ALPN offered; none offers none.
};

/// How we speak TLS as a client: 1.2 and later, the server's chain always verified. Whom the certificate must name is
/// asked for each connection. Immutable; a reload makes another (`context_slot`).
class client_context {
public:
  /// Throws std::runtime_error when OpenSSL refuses.
  explicit client_context(const client_options& options);

  /// A connection in the client role on a non-blocking socket, which it does not own; null without memory.
  /// `server_name` goes out as SNI unless it is an address. The name itself is checked by the stream, once the chain
  /// has verified
  /// (`identity::names`).
  [[nodiscard]] ssl_ptr make_connection(int fd, const std::string& server_name) const;

private:
  ssl_context_ptr context_;
};

} // namespace sallyport::tls
