#include "net/tls/server_context.hpp"

#include <algorithm>
#include <stdexcept>

#include "net/tls/context_settings.hpp"

namespace sallyport::tls {
namespace {

std::string lower(std::string_view text) {
  std::string out{text};
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// `*.example.org` names a.example.org, not a.b.example.org (RFC 6125, 6.4.3).
bool is_named_by_wildcard(std::string_view name, std::string_view pattern) {
  const auto dot = name.find('.');
  return pattern.starts_with("*.") && dot != std::string_view::npos && name.substr(dot) == pattern.substr(1);
}

void ask_for_certificates(SSL_CTX& context, const server_options& options) {
  if (options.clients == client_certificates::ignored)
    return;
  const int missing_is_fatal =
    options.clients == client_certificates::required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE;
  verify_peers(context, *options.client_trust, SSL_VERIFY_PEER | missing_is_fatal);
  for (const auto& authority : options.client_trust->certificates())
    SSL_CTX_add_client_CA(&context, authority.get());
}

} // namespace

server_context::server_context(server_options options) : options_{std::move(options)} {
  if (options_.certificates.empty())
    throw std::invalid_argument{"a TLS server needs a certificate"};
  if (options_.clients != client_certificates::ignored && !options_.client_trust)
    throw std::invalid_argument{"client certificates cannot be verified without a CA"};
  static constexpr std::string_view session_context = "sallyport";
  for (const auto& one : options_.certificates) {
    auto context = make_context(TLS_server_method());
    use_certificate(*context, one);
    ask_for_certificates(*context, options_);
    SSL_CTX_set_num_tickets(context.get(), 1); // Clients of ours keep one connection: a second ticket is never used.
    // Without it OpenSSL refuses to resume a session that was verified.
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(session_context.data()),
                                   session_context.size());
    SSL_CTX_set_tlsext_servername_callback(context.get(), &choose_certificate);
    SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    SSL_CTX_set_alpn_select_cb(context.get(), &choose_protocol, nullptr);
    contexts_.push_back(std::move(context));
  }
}

ssl_ptr server_context::make_connection(int fd, const std::vector<std::string>* application_protocols) const {
  ssl_ptr connection{SSL_new(contexts_.front().get())};
  if (!connection || SSL_set_fd(connection.get(), fd) != 1)
    return nullptr;
  // Of the connection, not of its context: that one changes with the server name.
  if (SSL_set_app_data(connection.get(), const_cast<std::vector<std::string>*>(application_protocols)) != 1)
    return nullptr;
  SSL_set_accept_state(connection.get());
  return connection;
}

SSL_CTX* server_context::context_for(std::string_view name) const {
  const auto wanted = lower(name);
  const auto find = [&](auto names_it) -> SSL_CTX* {
    for (std::size_t i = 0; i < contexts_.size(); ++i)
      if (std::ranges::any_of(options_.certificates[i].names().dns_names, names_it))
        return contexts_[i].get();
    return nullptr;
  };
  if (auto* exact = find([&](const auto& own) { return own == wanted; }))
    return exact;
  return find([&](const auto& own) { return is_named_by_wildcard(wanted, own); });
}

int server_context::choose_certificate(SSL* connection, int*, void* self) {
  const char* name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  // An unknown name gets the first certificate: the client, not we, knows whether that one is right for it.
  if (auto* context = name ? static_cast<server_context*>(self)->context_for(name) : nullptr)
    SSL_set_SSL_CTX(connection, context);
  return SSL_TLSEXT_ERR_OK;
}

int server_context::choose_protocol(SSL* connection, const unsigned char** chosen, unsigned char* chosen_bytes,
                                    const unsigned char* offered, unsigned offered_bytes, void*) {
  const auto* protocols = static_cast<const std::vector<std::string>*>(SSL_get_app_data(connection));
  if (!protocols)
    return SSL_TLSEXT_ERR_NOACK;
  for (const auto& ours : *protocols) {
    for (unsigned at = 0; at < offered_bytes; at += 1U + offered[at]) {
      const std::string_view theirs{reinterpret_cast<const char*>(offered) + at + 1, offered[at]};
      if (theirs == ours) {
        *chosen = offered + at + 1;
        *chosen_bytes = offered[at];
        return SSL_TLSEXT_ERR_OK;
      }
    }
  }
  // RFC 7301, 3.2 would have us refuse; clients that offer "h2" on a SIP port still mean SIP.
  return SSL_TLSEXT_ERR_NOACK;
}

} // namespace sallyport::tls
