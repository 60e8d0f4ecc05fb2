#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "net/io/close_reason.hpp"
#include "net/io/record_watch.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::io {

enum class io_status : std::uint8_t { done, want_read, want_write, failed };

/// What one step on a channel did: `bytes` when done, `reason` when failed (the peer's orderly end included).
struct io_outcome {
  io_status status = io_status::done;
  std::size_t bytes = 0;
  std::size_t cost_bytes = 0; ///< Of a read that is done: what it took off the wire, as `record_watch` counts it.
  close_reason reason = close_reason::peer_closed;
  const char* detail = ""; ///< OpenSSL's words for a failure; static.
};

/// The byte pipe under a stream: a connected non-blocking socket, with or without TLS on it. Owns both; knows no loop.
class channel {
public:
  explicit channel(int fd) noexcept : fd_{fd} {}
  channel(int fd, tls::ssl_ptr tls) noexcept;
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() { close(); }

  /// The TLS handshake, one step; done at once without TLS.
  [[nodiscard]] io_outcome handshake();
  /// One call reads on until it has application data or there is no more, within the limits of `record_watch`.
  [[nodiscard]] io_outcome read(std::span<std::byte> into);
  /// May take fewer bytes than given. After `want_*` the same bytes must come first again.
  [[nodiscard]] io_outcome write(std::span<const std::byte> bytes);
  /// close_notify and FIN, as far as the socket takes them now.
  void end_writing() noexcept;
  void close() noexcept;

  /// Decrypted or buffered bytes that epoll does not know of.
  [[nodiscard]] bool has_pending() const noexcept { return tls_ && SSL_has_pending(tls_.get()) == 1; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] SSL* tls() const noexcept { return tls_.get(); }

private:
  io_outcome tls_outcome(int returned, bool is_handshake);

  int fd_;
  record_watch records_;
  tls::ssl_ptr tls_;
  bool is_established_ = false; // TLS has finished its handshake and not failed since.
};

} // namespace sallyport::io
