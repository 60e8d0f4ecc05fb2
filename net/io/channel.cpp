#include "net/io/channel.hpp"

#include <openssl/err.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sallyport::io {
namespace {

io_outcome failed(close_reason reason, const char* detail = "") {
  return {.status = io_status::failed, .reason = reason, .detail = detail};
}

io_outcome socket_outcome(int error, io_status when_blocked) {
  switch (error) {
  case EAGAIN:
  case EINTR:
    return {.status = when_blocked};
  case ETIMEDOUT:
  case EHOSTUNREACH:
  case ENETUNREACH:
    return failed(close_reason::timed_out);
  default:
    return failed(close_reason::reset);
  }
}

close_reason reason_of(int openssl_reason, bool is_handshake) {
  switch (openssl_reason) {
  case SSL_R_WRONG_VERSION_NUMBER:
  case SSL_R_HTTP_REQUEST:
  case SSL_R_HTTPS_PROXY_REQUEST:
    return is_handshake ? close_reason::plain_text_on_tls : close_reason::tls_error;
  case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    return close_reason::certificate_missing;
  case SSL_R_CERTIFICATE_VERIFY_FAILED:
    return close_reason::certificate_refused;
  case SSL_R_UNEXPECTED_EOF_WHILE_READING:
    return close_reason::peer_closed; // No close_notify. Our protocols carry their lengths: nothing can be cut
                                      // unnoticed.
  default:
    break;
  }
  if (openssl_reason > SSL_AD_REASON_OFFSET && openssl_reason <= SSL_AD_REASON_OFFSET + 255)
    return close_reason::refused_by_peer;
  return is_handshake ? close_reason::handshake_failed : close_reason::tls_error;
}

} // namespace

channel::channel(int fd, tls::ssl_ptr tls) noexcept : fd_{fd}, tls_{std::move(tls)} {
  if (tls_)
    records_.attach(*tls_);
}

io_outcome channel::handshake() {
  if (!tls_)
    return {};
  ERR_clear_error();
  const int returned = SSL_do_handshake(tls_.get());
  if (returned != 1)
    return tls_outcome(returned, true);
  is_established_ = true;
  records_.on_established();
  return {};
}

io_outcome channel::read(std::span<std::byte> into) {
  if (!tls_) {
    const auto got = ::recv(fd_, into.data(), into.size(), 0);
    if (got > 0)
      return {.bytes = static_cast<std::size_t>(got), .cost_bytes = static_cast<std::size_t>(got)};
    return got == 0 ? failed(close_reason::peer_closed) : socket_outcome(errno, io_status::want_read);
  }
  ERR_clear_error();
  std::size_t got = 0;
  const int returned = SSL_read_ex(tls_.get(), into.data(), into.size(), &got);
  if (returned != 1)
    return tls_outcome(returned, false);
  records_.on_application_read();
  return {.bytes = got, .cost_bytes = std::max(got, records_.take_cost())};
}

io_outcome channel::write(std::span<const std::byte> bytes) {
  if (!tls_) {
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return sent >= 0 ? io_outcome{.bytes = static_cast<std::size_t>(sent)}
                     : socket_outcome(errno, io_status::want_write);
  }
  ERR_clear_error();
  std::size_t sent = 0;
  const int returned = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &sent);
  return returned == 1 ? io_outcome{.bytes = sent} : tls_outcome(returned, false);
}

void channel::end_writing() noexcept {
  if (is_established_) {
    SSL_shutdown(tls_.get());
    ERR_clear_error();
  }
  ::shutdown(fd_, SHUT_WR);
}

void channel::close() noexcept {
  tls_.reset();
  is_established_ = false;
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

io_outcome channel::tls_outcome(int returned, bool is_handshake) {
  const int socket_error = errno;
  const auto error = ERR_peek_error();
  const int kind = SSL_get_error(tls_.get(), returned);
  ERR_clear_error();
  if (error == 0 && records_.is_exceeded()) { // What OpenSSL has found wrong by itself says more.
    is_established_ = false;
    return is_handshake ? failed(close_reason::handshake_failed, "too many records or bytes")
                        : failed(close_reason::tls_flood);
  }
  switch (kind) {
  case SSL_ERROR_WANT_READ:
    return {.status = io_status::want_read};
  case SSL_ERROR_WANT_WRITE:
    return {.status = io_status::want_write};
  case SSL_ERROR_ZERO_RETURN:
    SSL_shutdown(tls_.get()); // Their close_notify is answered (RFC 5246, 7.2.1).
    ERR_clear_error();
    return failed(close_reason::peer_closed);
  case SSL_ERROR_SYSCALL:
    is_established_ = false; // SSL_shutdown must not follow a fatal error.
    return socket_error == 0 ? failed(close_reason::peer_closed) : socket_outcome(socket_error, io_status::failed);
  default:
    is_established_ = false;
    const char* text = ERR_reason_error_string(error);
    return failed(reason_of(ERR_GET_REASON(error), is_handshake), text ? text : "");
  }
}

} // namespace sallyport::io
