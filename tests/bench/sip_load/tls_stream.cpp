#include "tests/bench/sip_load/tls_stream.hpp"

#include <openssl/err.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace sallyport::bench {
namespace {

constexpr int reads_at_once = 8;

tls_context context_of(const SSL_METHOD* method, const std::string& trust, const std::string& certificate,
                       const std::string& key) {
  tls_context made{SSL_CTX_new(method), [](SSL_CTX* context) { SSL_CTX_free(context); }};
  SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!trust.empty() && SSL_CTX_load_verify_locations(made.get(), trust.c_str(), nullptr) != 1)
    throw std::runtime_error{"no authority: " + trust};
  if (!certificate.empty() && SSL_CTX_use_certificate_chain_file(made.get(), certificate.c_str()) != 1)
    throw std::runtime_error{"no certificate: " + certificate};
  if (!key.empty() && SSL_CTX_use_PrivateKey_file(made.get(), key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error{"no key: " + key};
  return made;
}

} // namespace

tls_context client_context(const std::string& trust, const std::string& certificate, const std::string& key) {
  auto made = context_of(TLS_client_method(), trust, certificate, key);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, nullptr);
  return made;
}

tls_context server_context(const std::string& trust, const std::string& certificate, const std::string& key) {
  auto made = context_of(TLS_server_method(), trust, certificate, key);
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return made;
}

tls_stream::tls_stream(loop& events, int descriptor, const tls_context& context, role as,
                       const std::string& server_name, callbacks then)
  : events_{events}, descriptor_{descriptor}, tls_{SSL_new(context.get())}, then_{std::move(then)} {
  SSL_set_fd(tls_.get(), descriptor);
  if (as == role::server) {
    SSL_set_accept_state(tls_.get());
  } else {
    SSL_set_connect_state(tls_.get());
    if (!server_name.empty()) {
      SSL_set_tlsext_host_name(tls_.get(), server_name.c_str());
      SSL_set1_host(tls_.get(), server_name.c_str());
    }
  }
  events_.watch(descriptor, EPOLLIN | EPOLLOUT, [this](std::uint32_t) { ready(); });
}

void tls_stream::write(std::string_view bytes) {
  if (descriptor_ < 0)
    return;
  unwritten_ += bytes;
  if (open_)
    flush();
}

void tls_stream::close() {
  if (descriptor_ < 0)
    return;
  events_.forget(descriptor_);
  ::close(descriptor_);
  descriptor_ = -1;
}

void tls_stream::read_on(bool on) {
  reads_ = on;
  if (descriptor_ >= 0)
    events_.change(descriptor_, (reads_ ? EPOLLIN : 0U) | (wants_write_ ? EPOLLOUT : 0U));
}

void tls_stream::ready() {
  if (!open_)
    handshake();
  if (descriptor_ >= 0 && open_ && !unwritten_.empty())
    flush();
  if (descriptor_ >= 0 && open_ && reads_)
    read();
}

void tls_stream::handshake() {
  ERR_clear_error();
  const int outcome = SSL_do_handshake(tls_.get());
  if (outcome != 1) {
    if (!waits(outcome))
      fail();
    return;
  }
  open_ = true;
  ask_for(false);
  then_.opened();
}

void tls_stream::read() {
  std::array<char, 16384> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init): filled before it is read.
  for (int count = 0; count < reads_at_once && descriptor_ >= 0; ++count) {
    ERR_clear_error();
    const int got = SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (got > 0) {
      then_.read({bytes.data(), static_cast<std::size_t>(got)});
      continue;
    }
    if (!waits(got))
      fail();
    return;
  }
  // A record that OpenSSL holds wakes nobody: it is asked for again.
  if (descriptor_ >= 0 && SSL_pending(tls_.get()) > 0)
    ask_for(true);
}

void tls_stream::flush() {
  ERR_clear_error();
  while (!unwritten_.empty()) {
    const int sent =
      SSL_write(tls_.get(), unwritten_.data(), static_cast<int>(std::min<std::size_t>(unwritten_.size(), 65536)));
    if (sent > 0) {
      unwritten_.erase(0, static_cast<std::size_t>(sent));
      continue;
    }
    // Where the peer has gone the next reading says so: nobody is told in the middle of his own writing.
    (void)waits(sent);
    return;
  }
  ask_for(false);
}

bool tls_stream::waits(int outcome) {
  switch (SSL_get_error(tls_.get(), outcome)) {
  case SSL_ERROR_WANT_READ:
    ask_for(false);
    return true;
  case SSL_ERROR_WANT_WRITE:
    ask_for(true);
    return true;
  default:
    return false;
  }
}

void tls_stream::fail() {
  close();
  then_.closed();
}

void tls_stream::ask_for(bool write) {
  if (wants_write_ == write || descriptor_ < 0)
    return;
  wants_write_ = write;
  events_.change(descriptor_, (reads_ ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U));
}

} // namespace sallyport::bench
