#include "net/io/socket.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace sallyport::io {
namespace {

/// The two families are listeners of their own: `::` would take IPv4's port too.
result<unique_fd, socket_error> bind_alone_in_family(unique_fd fd, const endpoint& local) {
  if (!local.address.is_v4() && !set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1))
    return fail(socket_error{"setsockopt", errno});
  const socket_address address{local};
  if (::bind(fd.get(), address.get(), address.bytes) != 0)
    return fail(socket_error{"bind", errno});
  return fd;
}

} // namespace

std::string socket_error::text() const {
  return std::string{step} + ": " + std::generic_category().message(code);
}

void unique_fd::reset() noexcept {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

socket_address::socket_address(const endpoint& from) noexcept {
  const auto& address = from.address.bytes();
  if (from.address.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(from.port);
    std::memcpy(&v4.sin_addr, address.data() + 12, 4);
    std::memcpy(&storage, &v4, bytes = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(from.port);
    std::memcpy(&v6.sin6_addr, address.data(), 16);
    std::memcpy(&storage, &v6, bytes = sizeof v6);
  }
}

endpoint socket_address::to_endpoint() const noexcept {
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &storage, sizeof v4);
    return {ip_address::v4(ntohl(v4.sin_addr.s_addr)), ntohs(v4.sin_port)};
  }
  sockaddr_in6 v6;
  std::memcpy(&v6, &storage, sizeof v6);
  std::array<std::uint8_t, 16> address;
  std::memcpy(address.data(), &v6.sin6_addr, 16);
  return {ip_address{address}, ntohs(v6.sin6_port)};
}

result<unique_fd, socket_error> open_socket(const ip_address& family_of, int type) {
  const int family = family_of.is_v4() ? AF_INET : AF_INET6;
  unique_fd fd{::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd)
    return fail(socket_error{"socket", errno});
  return fd;
}

result<void, socket_error> require_unused(const endpoint& local, int type) {
  const auto fd = open_socket(local.address, type);
  if (!fd)
    return fail(fd.error());
  if (type == SOCK_STREAM) // Connections of a former life may linger on the port; a listener may not.
    set_option(fd->get(), SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  const socket_address address{local};
  if (::bind(fd->get(), address.get(), address.bytes) != 0)
    return fail(socket_error{"bind", errno});
  return {};
}

result<unique_fd, socket_error> open_exclusive(const endpoint& local, int type) {
  auto fd = open_socket(local.address, type);
  if (!fd)
    return fd;
  return bind_alone_in_family(std::move(*fd), local);
}

result<unique_fd, socket_error> open_bound(const endpoint& local, int type) {
  auto fd = open_socket(local.address, type);
  if (!fd)
    return fd;
  if (!set_option(fd->get(), SOL_SOCKET, SO_REUSEPORT, 1) ||
      (type == SOCK_STREAM && !set_option(fd->get(), SOL_SOCKET, SO_REUSEADDR, 1)))
    return fail(socket_error{"setsockopt", errno});
  return bind_alone_in_family(std::move(*fd), local);
}

result<unique_fd, socket_error> open_deaf(const endpoint& local) {
  auto fd = open_socket(local.address, SOCK_DGRAM);
  if (!fd)
    return fd;
  sock_filter nothing{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0}; // Of each datagram keeps no byte: drops it.
  const sock_fprog filter{.len = 1, .filter = &nothing};
  if (!set_option(fd->get(), SOL_SOCKET, SO_REUSEPORT, 1) ||
      ::setsockopt(fd->get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0)
    return fail(socket_error{"setsockopt", errno});
  return bind_alone_in_family(std::move(*fd), local);
}

result<void, socket_error> hear(int fd) noexcept {
  if (!set_option(fd, SOL_SOCKET, SO_DETACH_FILTER, 0))
    return fail(socket_error{"setsockopt", errno});
  return {};
}

bool set_option(int fd, int level, int option, int value) noexcept {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

void tune_stream(int fd) noexcept {
  // Each message is written whole: waiting for more to join it only delays it.
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer that has vanished is noticed while we send, not after the kernel's quarter of an hour.
  constexpr int unacknowledged_ms_max = 30'000;
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, unacknowledged_ms_max);
  // And one that has vanished while nobody spoke, after 70 s: with TCP_USER_TIMEOUT set, the first probe without an
  // answer ends it.
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  constexpr int idle_seconds = 60;
  constexpr int interval_seconds = 10;
  constexpr int probes = 3;
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, idle_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, interval_seconds);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, probes);
}

endpoint local_endpoint(int fd) noexcept {
  socket_address address;
  if (::getsockname(fd, address.get(), &address.bytes) != 0)
    return {};
  return address.to_endpoint();
}

bool is_ready_now(int fd, std::uint32_t events) noexcept {
  // epoll's events have the values of poll's.
  static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLRDHUP == POLLRDHUP);
  pollfd asked{.fd = fd, .events = static_cast<short>(events), .revents = 0};
  return ::poll(&asked, 1, 0) == 1;
}

int pending_error(int fd) noexcept {
  int error = 0;
  socklen_t bytes = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) == 0 ? error : errno;
}

} // namespace sallyport::io
