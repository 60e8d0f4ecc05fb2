#include "net/tls/client_context.hpp"

#include <stdexcept>

#include "net/core/address.hpp"
#include "net/tls/context_settings.hpp"

namespace sallyport::tls {

client_context::client_context(const client_options& options) : context_{make_context(TLS_client_method())} {
  verify_peers(*context_, options.peers, SSL_VERIFY_PEER);
  if (options.own)
    use_certificate(*context_, *options.own);
  std::string offered;
  for (const auto& protocol : options.application_protocols) {
    if (protocol.empty() || protocol.size() > 255)
      throw std::runtime_error{"TLS: an ALPN name has 1 to 255 bytes"};
    offered += static_cast<char>(protocol.size());
    offered += protocol;
  }
  // 0 is success here, unlike everywhere else in OpenSSL.
  if (!offered.empty() &&
      SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                              static_cast<unsigned>(offered.size())) != 0)
    throw std::runtime_error{"TLS ALPN: " + take_errors()};
}

ssl_ptr client_context::make_connection(int fd, const std::string& server_name) const {
  ssl_ptr connection{SSL_new(context_.get())};
  if (!connection || SSL_set_fd(connection.get(), fd) != 1)
    return nullptr;
  // RFC 6066, 3: literal addresses are not permitted in SNI.
  if (!server_name.empty() && !ip_address::parse(server_name) &&
      SSL_set_tlsext_host_name(connection.get(), server_name.c_str()) != 1)
    return nullptr;
  SSL_set_connect_state(connection.get());
  return connection;
}

} // namespace sallyport::tls
