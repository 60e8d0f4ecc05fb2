#include "net/io/record_watch.hpp"

#include <algorithm>
#include <utility>

#include "net/tls/context_settings.hpp"

namespace sallyport::io {

void record_watch::attach(SSL& connection) {
  if ((SSL_get_verify_mode(&connection) & SSL_VERIFY_PEER) != 0)
    handshake_bytes_left_ += tls::chain_bytes_max;
  SSL_set_msg_callback(&connection, &observe);
  SSL_set_msg_callback_arg(&connection, this);
}

void record_watch::observe(int is_written, int, int content, const void* bytes, std::size_t size, SSL* connection,
                           void* self) {
  if (is_written != 0)
    return;
  auto& watch = *static_cast<record_watch*>(self);
  const auto* read = static_cast<const std::uint8_t*>(bytes);
  if (content == SSL3_RT_HEADER && size == SSL3_RT_HEADER_LENGTH)
    watch.on_record(read[0], std::size_t{read[3]} << 8 | read[4]);
  else if (content == SSL3_RT_INNER_CONTENT_TYPE)
    watch.on_inner_type(read[0]);
  else if (content == SSL3_RT_HANDSHAKE)
    watch.on_handshake_message();
  // OpenSSL then throws away what it has not read yet, and returns.
  if (watch.is_exceeded_)
    SSL_set_shutdown(connection, SSL_get_shutdown(connection) | SSL_RECEIVED_SHUTDOWN);
}

void record_watch::on_record(std::uint8_t type, std::size_t bytes) {
  cost_ += std::max(bytes, record_cost_bytes_min);
  if (is_established_) {
    if (type == SSL3_RT_HANDSHAKE) // TLS 1.2; in 1.3 all look like application data.
      on_handshake_record();
    return;
  }
  if (handshake_records_ == handshake_records_max || bytes > handshake_bytes_left_) {
    is_exceeded_ = true;
    return;
  }
  ++handshake_records_;
  handshake_bytes_left_ -= static_cast<std::uint32_t>(bytes);
}

void record_watch::on_inner_type(std::uint8_t type) {
  if (is_established_ && type == SSL3_RT_HANDSHAKE)
    on_handshake_record();
}

void record_watch::on_handshake_record() {
  is_message_due_ = true;
  count_extra();
}

void record_watch::on_handshake_message() {
  if (is_established_ && !std::exchange(is_message_due_, false))
    count_extra();
}

void record_watch::count_extra() {
  if (extra_ < post_handshake_max)
    ++extra_;
  else
    is_exceeded_ = true;
}

void record_watch::on_established() noexcept {
  is_established_ = true;
  cost_ = 0;
}

void record_watch::on_application_read() {
  if (extra_ == 0 || ++reads_ < reads_per_regained)
    return;
  reads_ = 0;
  --extra_;
}

std::size_t record_watch::take_cost() noexcept {
  return std::exchange(cost_, 0);
}

} // namespace sallyport::io
