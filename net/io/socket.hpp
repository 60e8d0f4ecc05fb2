#pragma once
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "net/core/address.hpp"
#include "net/core/result.hpp"

namespace sallyport::io {

/// Why a socket could not be opened: which syscall, and its errno.
struct socket_error {
  std::string_view step;
  int code = 0;

  [[nodiscard]] std::string text() const; ///< "bind: Address already in use"
};

/// Owns a file descriptor.
class unique_fd {
public:
  unique_fd() = default;
  explicit unique_fd(int fd) noexcept : fd_{fd} {}
  unique_fd(unique_fd&& other) noexcept : fd_{other.release()} {}
  unique_fd& operator=(unique_fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~unique_fd() { reset(); }

  void reset() noexcept;
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

private:
  int fd_ = -1;
};

/// An `endpoint` as the kernel writes it: sockaddr_in for IPv4, sockaddr_in6 else.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(sockaddr_storage);

  socket_address() = default;
  explicit socket_address(const endpoint& from) noexcept;

  [[nodiscard]] endpoint to_endpoint() const noexcept;
  [[nodiscard]] sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// A non-blocking socket of the family of an address.
[[nodiscard]] result<unique_fd, socket_error> open_socket(const ip_address& family_of, int type);

/// Fails with EADDRINUSE while somebody listens at `local` with TCP (`SOCK_STREAM`) or UDP (`SOCK_DGRAM`). With
/// SO_REUSEPORT alone another process of the same user would be joined instead, and connections shared out between the
/// two.
[[nodiscard]] result<void, socket_error> require_unused(const endpoint& local, int type);

/// A non-blocking socket bound to `local`, which it has for itself alone.
[[nodiscard]] result<unique_fd, socket_error> open_exclusive(const endpoint& local, int type);

/// A non-blocking socket (`SOCK_STREAM` or `SOCK_DGRAM`) bound to `local` with SO_REUSEPORT, so that each lane has its
/// own on one port.
[[nodiscard]] result<unique_fd, socket_error> open_bound(const endpoint& local, int type);

/// The same of UDP, but deaf: what comes is thrown away until `hear`. The kernel shares clients out over the sockets of
/// a port anew with each that is added, so none may take anything before the last is there.
[[nodiscard]] result<unique_fd, socket_error> open_deaf(const endpoint& local);
[[nodiscard]] result<void, socket_error> hear(int fd) noexcept;

/// False when the kernel refuses; errno says why.
bool set_option(int fd, int level, int option, int value) noexcept;
/// What every connection of ours wants: no delay, and an end when nothing is acknowledged for 30 s.
void tune_stream(int fd) noexcept;

[[nodiscard]] endpoint local_endpoint(int fd) noexcept;
/// Whether one of these epoll events, or an error or the peer's end, is there now.
[[nodiscard]] bool is_ready_now(int fd, std::uint32_t events) noexcept;
/// What SO_ERROR holds; reading it clears it.
[[nodiscard]] int pending_error(int fd) noexcept;

} // namespace sallyport::io
