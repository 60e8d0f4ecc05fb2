#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/result.hpp"
#include "net/tls/certificate.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/trust.hpp"

namespace sallyport::tls {

enum class client_certificates : std::uint8_t {
  ignored,  ///< Not asked for.
  optional, ///< Asked for; one that does not verify ends the handshake, none does not.
  required,
};

struct server_options {
  std::vector<certificate> certificates; ///< Not empty. The first serves unknown and absent server names.
  client_certificates clients = client_certificates::ignored;
  std::optional<trust> client_trust = {}; ///< Needed unless clients are `ignored`.
};

/// How the listeners of one side speak TLS: 1.2 and later, certificate by SNI, session tickets, no renegotiation.
/// Immutable; a reload makes another (`context_slot`).
///
/// Ticket keys are OpenSSL's own, made with each context: a reload or another node costs a client one full handshake.
/// A pool that wants tickets to work across nodes will have to share keys derived from its secrets.
class server_context {
public:
  /// Throws std::invalid_argument for options that contradict themselves, std::runtime_error when OpenSSL refuses.
  explicit server_context(server_options options);
  server_context(const server_context&) = delete;
  server_context& operator=(const server_context&) = delete;

  /// A connection in the server role on a non-blocking socket, which it does not own; null without memory.
  /// `application_protocols`: ALPN, preferred first, whichever certificate is shown; null for none. Without a common
  /// one the connection goes on without ALPN. The context and the names must outlive the handshake.
  [[nodiscard]] ssl_ptr make_connection(int fd, const std::vector<std::string>* application_protocols) const;

private:
  static int choose_certificate(SSL* connection, int* alert, void* self);
  static int choose_protocol(SSL* connection, const unsigned char** chosen, unsigned char* chosen_bytes,
                             const unsigned char* offered, unsigned offered_bytes, void*);
  SSL_CTX* context_for(std::string_view name) const;

  server_options options_;
  std::vector<ssl_context_ptr> contexts_; // One for each certificate.
};

} // namespace sallyport::tls
