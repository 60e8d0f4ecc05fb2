#pragma once
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "net/io/socket.hpp"

namespace sallyport::test {

inline endpoint loopback(std::uint16_t port = 0) {
  return {*ip_address::parse("127.0.0.1"), port};
}

/// The far end of a connection, driven by hand: a peer that says exactly what the test has it say. Never waits.
class wire {
public:
  wire() = default;
  explicit wire(io::unique_fd connected) : fd_{std::move(connected)} { send_at_once(); }
  /// Connects; on loopback the kernel's backlog answers at once.
  explicit wire(const endpoint& remote)
    : fd_{::socket(remote.address.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const io::socket_address to{remote};
    EXPECT_EQ(::connect(fd_.get(), to.get(), to.bytes), 0) << remote.text();
    send_at_once();
  }

  void send(std::string_view text) {
    EXPECT_EQ(::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }

  /// Everything that has arrived and was not taken yet.
  std::string take() {
    read();
    return std::exchange(received_, {});
  }
  /// The oldest whole SIP message that has arrived and was not taken yet; empty when there is none.
  std::string take_message() {
    read();
    const auto head = received_.find("\r\n\r\n");
    if (head == std::string::npos)
      return {};
    auto message = received_.substr(0, head + 4 + body_bytes(received_.substr(0, head)));
    if (message.size() > received_.size())
      return {};
    received_.erase(0, message.size());
    return message;
  }
  /// The other side has ended the connection, in order or not.
  [[nodiscard]] bool is_closed() {
    read();
    return is_closed_;
  }

  void close() { fd_.reset(); }
  /// Ends it by RST.
  void reset() {
    const linger abort{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    fd_.reset();
  }
  [[nodiscard]] endpoint local() const { return io::local_endpoint(fd_.get()); }
  explicit operator bool() const { return static_cast<bool>(fd_); }

private:
  /// Also a message behind one that has not been acknowledged: who turns a lane without waiting finds it there.
  void send_at_once() {
    const int yes = 1;
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  }
  void read() {
    std::array<char, 65'536> buffer;
    while (fd_ && !is_closed_) {
      const auto got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EAGAIN)
        return;
      is_closed_ = got <= 0;
      received_.append(buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
  }
  static std::size_t body_bytes(std::string_view head) {
    constexpr std::string_view name = "\r\nContent-Length: ";
    const auto at = head.find(name);
    std::size_t length = 0;
    if (at != std::string_view::npos)
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
    return length;
  }

  io::unique_fd fd_;
  std::string received_;
  bool is_closed_ = false;
};

/// A port of ours that answers; what connects to it becomes wires.
class wire_listener {
public:
  wire_listener() { listen_on(0); }

  /// Nobody answers any more: who connects from now on is refused.
  void go_down() { fd_.reset(); }
  void come_back() { listen_on(local_.port); }

  /// The oldest connection that waits; none yields an empty wire.
  wire accept() { return wire{io::unique_fd{::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)}}; }
  [[nodiscard]] const endpoint& local() const { return local_; }

private:
  void listen_on(std::uint16_t port) {
    auto opened = io::open_bound(loopback(port), SOCK_STREAM);
    if (!opened)
      throw std::runtime_error{opened.error().text()};
    fd_ = std::move(*opened);
    ::listen(fd_.get(), 64);
    local_ = io::local_endpoint(fd_.get());
  }

  io::unique_fd fd_;
  endpoint local_;
};

} // namespace sallyport::test
