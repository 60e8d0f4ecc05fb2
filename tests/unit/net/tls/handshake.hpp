#pragma once
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "net/tls/client_context.hpp"
#include "net/tls/development_ca.hpp"
#include "net/tls/server_context.hpp"

namespace sallyport::tls::test {

/// A client and a server joined by two sockets of one process, each stepped until both are done or neither goes on.
class handshake {
public:
  /// What one of the two is made to do that our contexts would not.
  using preparation = std::function<void(SSL& client, SSL& server)>;

  handshake(const client_context& client, const server_context& server, const std::string& server_name = "",
            const std::vector<std::string>* application_protocols = nullptr, const preparation& prepare = {}) {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends_.data()), 0);
    client_ = client.make_connection(ends_[0], server_name);
    server_ = server.make_connection(ends_[1], application_protocols);
    if (prepare)
      prepare(*client_, *server_);
    constexpr int flights_max = 8;
    for (int i = 0; i < flights_max && !is_done_; ++i) {
      const bool is_client_done = SSL_do_handshake(client_.get()) == 1;
      is_done_ = SSL_do_handshake(server_.get()) == 1 && is_client_done;
    }
  }
  handshake(const handshake&) = delete;
  handshake& operator=(const handshake&) = delete;
  ~handshake() {
    for (const int end : ends_)
      ::close(end);
  }

  [[nodiscard]] bool is_done() const { return is_done_; }
  /// What the client was told; empty when nothing was agreed.
  [[nodiscard]] std::string application_protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(client_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  /// Who the server says it is, as far as the client has verified it.
  [[nodiscard]] identity server_identity() const { return peer_identity(*client_); }
  /// How many certificates the server has sent.
  [[nodiscard]] int certificates_sent() const { return sk_X509_num(SSL_get_peer_cert_chain(client_.get())); }

private:
  std::array<int, 2> ends_{-1, -1};
  ssl_ptr client_;
  ssl_ptr server_;
  bool is_done_ = false;
};

} // namespace sallyport::tls::test
