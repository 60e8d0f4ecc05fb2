#pragma once
#include <fcntl.h>

#include <functional>
#include <memory>
#include <string_view>

#include "tests/unit/net/io/world.hpp"

namespace sallyport::io::test {

/// A TLS client by hand, for what a stream of ours would never do.
class raw_tls_peer {
public:
  explicit raw_tls_peer(const endpoint& remote, const std::function<void(SSL*)>& prepare = {})
    : raw_{remote}, context_{{.peers = certificates::shared().ca.as_trust(), .own = certificates::shared().client}},
      tls_{context_.make_connection(raw_.fd(), "sip.example.org")} {
    const int flags = ::fcntl(raw_.fd(), F_GETFL);
    ::fcntl(raw_.fd(), F_SETFL, flags | O_NONBLOCK);
    if (prepare)
      prepare(tls_.get());
  }
  bool step() { return SSL_do_handshake(tls_.get()) == 1; }
  [[nodiscard]] SSL* get() const { return tls_.get(); }
  raw_peer& raw() { return raw_; }

private:
  raw_peer raw_;
  tls::client_context context_;
  tls::ssl_ptr tls_;
};

/// A TLS server by hand, on a port of its own, for one connection.
class raw_tls_server {
public:
  raw_tls_server() : listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
    const socket_address any{loopback()};
    EXPECT_EQ(::bind(listener_.get(), any.get(), any.bytes), 0);
    EXPECT_EQ(::listen(listener_.get(), 1), 0);
  }
  [[nodiscard]] endpoint local() const { return local_endpoint(listener_.get()); }

  /// Accepts, then shakes hands; true once that is done.
  bool step(const std::function<void(SSL*)>& prepare = {}) {
    if (!tls_) {
      accepted_ = unique_fd{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
      if (accepted_.get() < 0)
        return false;
      tls_ = context_.make_connection(accepted_.get(), nullptr);
      if (prepare)
        prepare(tls_.get());
    }
    return SSL_do_handshake(tls_.get()) == 1;
  }
  [[nodiscard]] SSL* get() const { return tls_.get(); }

private:
  unique_fd listener_;
  unique_fd accepted_;
  tls::server_context context_{{.certificates = {certificates::shared().server}}};
  tls::ssl_ptr tls_;
};

} // namespace sallyport::io::test
