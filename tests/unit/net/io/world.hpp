#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <optional>
#include <string>

#include "net/core/source_limits.hpp"
#include "net/io/connector.hpp"
#include "net/io/listener.hpp"
#include "net/io/stream.hpp"
#include "net/tls/development_ca.hpp"
#include "tests/support/turn_until.hpp"

namespace sallyport::io::test {

using namespace std::chrono_literals;

inline std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline endpoint loopback(std::uint16_t port = 0) {
  return {*ip_address::parse("127.0.0.1"), port};
}

/// Owns one stream and remembers all that happened to it.
class recorder final : public stream_user {
public:
  void on_open(stream& opened) override {
    ++opens;
    if (when_open)
      when_open(opened);
  }
  void on_bytes(stream& read, std::span<const std::byte> bytes) override {
    received += text_of(bytes);
    if (when_bytes)
      when_bytes(read, bytes);
  }
  void on_closed(stream&, close_reason reason) override {
    EXPECT_FALSE(closed) << "closed twice";
    closed = reason;
    connection.reset();
  }

  stream_ptr connection;
  int opens = 0;
  std::string received;
  std::optional<close_reason> closed;
  std::function<void(stream&)> when_open;
  std::function<void(stream&, std::span<const std::byte>)> when_bytes;
};

/// Gives every connection a recorder of its own.
class recording_acceptor final : public stream_acceptor {
public:
  void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override {
    auto& user = users.emplace_back();
    user.received = text_of(first_bytes);
    user.opens = connection->is_open() ? 1 : 0;
    user.when_open = when_open;
    user.when_bytes = when_bytes;
    connection->set_user(user);
    user.connection = std::move(connection);
  }

  std::list<recorder> users; // Stable addresses.
  std::function<void(stream&)> when_open;
  std::function<void(stream&, std::span<const std::byte>)> when_bytes;
};

/// The CA and certificates that all tests share: keys take time to make.
struct certificates {
  tls::development_ca ca;
  tls::certificate server = ca.make({.names = {"sip.example.org", "127.0.0.1"}});
  tls::certificate client = ca.make({.names = {"client.example.org", "sip:client.example.org"}});

  static const certificates& shared() {
    static const certificates one;
    return one;
  }
};

/// One lane run by the test's own thread, whose clock moves only when the test says so. At the end nothing may live.
class world : public testing::Test {
protected:
  ~world() override {
    clients_.clear();
    acceptor_.users.clear();
    spin();
    EXPECT_EQ(lane_.counters().live.read(), 0u);
    EXPECT_EQ(lane_.timers(), 0u);
  }

  /// Turns the loop until `is_done`, for at most 10 s of real time.
  template <class Condition>
  [[nodiscard]] bool until(Condition&& is_done) {
    return sallyport::test::turn_until(is_done, [this] { lane_.run_once(10ms); });
  }

  /// Turns the loop until nothing more is ready.
  void spin() { sallyport::test::spin(lane_); }

  void pass(milliseconds span) {
    now_ += span;
    spin();
  }

  void listen(listener_options options = {}) {
    if (options.local == endpoint{})
      options.local = loopback();
    auto opened = listener::open(lane_, options, gate_, acceptor_);
    ASSERT_TRUE(opened) << opened.error().text();
    listener_ = std::move(*opened);
  }

  void listen_tls(tls::server_options options = {.certificates = {certificates::shared().server}},
                  listener_options socket = {}) {
    slot_.swap(std::make_shared<const tls::server_context>(std::move(options)));
    socket.tls = &slot_;
    listen(socket);
  }

  static tls::client_options trusting() { return {.peers = certificates::shared().ca.as_trust()}; }

  recorder& connect_with(connect_request request) {
    auto& user = clients_.emplace_back();
    if (request.remote == endpoint{})
      request.remote = listener_->local();
    user.connection = connect(lane_, request, user);
    return user;
  }
  recorder& connect_tcp() { return connect_with({}); }
  recorder& connect_tls(const tls::client_options& options = trusting(), std::string server_name = "sip.example.org") {
    connect_request request;
    request.tls = std::make_shared<const tls::client_context>(options);
    request.server_name = std::move(server_name);
    return connect_with(std::move(request));
  }

  /// Waits for the connection of the newest client and its accepted end.
  struct both_ends {
    recorder& client;
    recorder& server;
  };
  both_ends open_both(recorder& client) {
    EXPECT_TRUE(
      until([&] { return client.opens == 1 && !acceptor_.users.empty() && acceptor_.users.back().opens == 1; }));
    return {client, acceptor_.users.back()};
  }

  std::uint64_t closed_by(close_reason reason) const { return lane_.counters().closed_by(reason).read(); }

  time_point now_{std::chrono::hours{1}};
  lane lane_{0, {}, [this] { return now_; }};
  source_limits gate_{{}};
  tls::context_slot<tls::server_context> slot_{nullptr};
  recording_acceptor acceptor_;
  std::list<recorder> clients_;
  std::unique_ptr<listener> listener_;
};

/// A peer without manners: a plain blocking socket that the test drives by hand.
class raw_peer {
public:
  explicit raw_peer(const endpoint& remote) {
    fd_ = unique_fd{::socket(remote.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const socket_address to{remote};
    EXPECT_EQ(::connect(fd_.get(), to.get(), to.bytes), 0);
  }

  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  /// What has arrived, without waiting; nothing when the other side has closed.
  std::optional<std::string> receive() {
    std::array<char, 65536> buffer;
    const auto got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN))
      return std::nullopt;
    return std::string{buffer.data(), got < 0 ? 0U : static_cast<std::size_t>(got)};
  }
  void reset_connection() {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    fd_.reset();
  }
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

private:
  unique_fd fd_;
};

} // namespace sallyport::io::test
