#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "actors/node.hpp"
#include "config/dev.hpp"
#include "net/io/log.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/development_ca.hpp"
#include "tests/support/turn_until.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {

/// A TLS client that waits for what it expects: the node runs in threads of its own.
class tls_phone {
public:
  tls_phone(const endpoint& remote, const tls::development_ca& authority, std::vector<std::string> alpn = {}) {
    const tls::client_context context{
      {.peers = authority.as_trust(), .own = {}, .application_protocols = std::move(alpn)}};
    fd_ = io::unique_fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const io::socket_address to{remote};
    EXPECT_EQ(::connect(fd_.get(), to.get(), to.bytes), 0);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    tls_ = context.make_connection(fd_.get(), "localhost");
    is_open_ = SSL_do_handshake(tls_.get()) == 1;
  }

  [[nodiscard]] bool is_open() const { return is_open_; }
  void send(std::string_view text) { SSL_write(tls_.get(), text.data(), static_cast<int>(text.size())); }
  /// What comes next; empty when the node has closed.
  std::string receive() {
    std::array<char, 4'096> buffer;
    const auto got = SSL_read(tls_.get(), buffer.data(), buffer.size());
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }
  /// ALPN; empty when none was agreed.
  [[nodiscard]] std::string application_protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(tls_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }

  /// Without a word.
  void leave() { fd_.reset(); }

private:
  io::unique_fd fd_;
  tls::ssl_ptr tls_;
  bool is_open_ = false;
};

/// A whole node in this process, on free ports of loopback.
class node_world : public testing::Test {
protected:
  node_world() {
    // Made before there are threads, as the program does: ThreadSanitizer does not see into the packaged library, and
    // takes two lanes that write their first line at once for a race.
    EXPECT_TRUE(log::is_on(log::level::info));
    auto& access = *model_.access;
    access.outside.listen = {free_address()};
    access.inside.listen = free_address();
    access.next_hop.address = next_hop_.local();
    model_.av->outside.listen = {free_address(SOCK_DGRAM)};
    model_.metrics.listen = free_address();
    model_.node.lanes = 2;
  }

  /// An address that nobody listens on.
  static endpoint free_address(int type = SOCK_STREAM) {
    const io::unique_fd probe{::socket(AF_INET, type | SOCK_CLOEXEC, 0)};
    const io::socket_address any{loopback()};
    EXPECT_EQ(::bind(probe.get(), any.get(), any.bytes), 0);
    return io::local_endpoint(probe.get());
  }
  static bool is_free(const endpoint& address) {
    const io::unique_fd probe{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    constexpr int on = 1; // What of a former run still lingers does not count: a listener does.
    ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const io::socket_address to{address};
    return ::bind(probe.get(), to.get(), to.bytes) == 0;
  }

  [[nodiscard]] actors::node_materials materials() const {
    tls::server_options outside{.certificates = {authority_.make({.names = {"localhost"}})}};
    return {.settings = model_,
            .identity = {.number = 1, .incarnation = 2},
            .keys = *actors::derive_pool_keys({std::string(32, 's')}),
            .tls = {.outside = std::make_shared<const tls::server_context>(std::move(outside)),
                    .inside = {},
                    .next_hop = {}}};
  }
  [[nodiscard]] tls_phone phone(std::vector<std::string> alpn = {}) const {
    return {outside(), authority_, std::move(alpn)};
  }
  [[nodiscard]] const endpoint& outside() const { return model_.access->outside.listen.front(); }
  [[nodiscard]] const endpoint& inside() const { return model_.access->inside.listen; }

  /// One HTTP GET, whole.
  static std::string scrape(const endpoint& address) {
    wire client{address};
    client.send("GET /metrics HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(comes_true([&] { return client.is_closed(); }));
    return client.take();
  }

  wire_listener next_hop_;
  tls::development_ca authority_;
  config::model model_ = config::development_model();
};

} // namespace sallyport::test
