#pragma once
#include <cstddef>
#include <cstdint>

#include "net/tls/openssl.hpp"

namespace sallyport::io {

/// Counts the TLS records that a peer sends, and stops OpenSSL when they are more than a peer has cause to send: one
/// call of it goes on from record to record for as long as they carry no application data. What its caller gets, bytes,
/// says nothing of how much it did.
///
/// OpenSSL itself bounds, in a row, empty records (32), warnings (5) and, before the handshake is over,
/// change_cipher_spec (32; an error afterwards).
class record_watch {
public:
  /// Of a handshake, TLS records and bytes in them. RFC 8446, 5.1 lets a message be cut into records of one byte. The
  /// bytes are those of a ClientHello and what little follows it; `tls::chain_bytes_max` besides, where certificates
  /// come.
  static constexpr std::uint32_t handshake_records_max = 128;
  static constexpr std::uint32_t hello_bytes_max = 16 * 1024;
  /// After it, of KeyUpdate, NewSessionTicket and requests to begin anew: their records, and what more than one message
  /// stands in a record. Each is some 8 us of work for 27 bytes. A server sends a few tickets at once, and keys are
  /// good for 2^24 records (RFC 8446, 5.5), yet a peer may change them sooner, by the clock: so reading gives back.
  static constexpr std::uint32_t post_handshake_max = 16;
  static constexpr std::uint32_t reads_per_regained = 16;
  /// What a record counts at least: it takes its time however little it carries.
  static constexpr std::size_t record_cost_bytes_min = 256;

  record_watch() = default;
  record_watch(const record_watch&) = delete;
  record_watch& operator=(const record_watch&) = delete;

  /// From now on told of `connection`'s records by OpenSSL. It must not outlive this.
  void attach(SSL& connection);

  void on_record(std::uint8_t type, std::size_t bytes);
  /// TLS 1.3: what the record turned out to be once it was decrypted.
  void on_inner_type(std::uint8_t type);
  void on_handshake_message();
  void on_established() noexcept;
  void on_application_read();

  /// A limit is passed: the connection must end.
  [[nodiscard]] bool is_exceeded() const noexcept { return is_exceeded_; }
  /// Bytes of the records since it was last asked, short ones counted as `record_cost_bytes_min`.
  [[nodiscard]] std::size_t take_cost() noexcept;

private:
  static void observe(int is_written, int version, int content, const void* bytes, std::size_t size, SSL* connection,
                      void* self);
  void on_handshake_record();
  void count_extra();

  std::size_t cost_ = 0;
  std::uint32_t handshake_bytes_left_ = hello_bytes_max;
  std::uint16_t handshake_records_ = 0;
  std::uint8_t extra_ = 0;      // Of `post_handshake_max`.
  std::uint8_t reads_ = 0;      // Since one was regained.
  bool is_message_due_ = false; // The next message is counted already, with its record.
  bool is_established_ = false;
  bool is_exceeded_ = false;
};

} // namespace sallyport::io
