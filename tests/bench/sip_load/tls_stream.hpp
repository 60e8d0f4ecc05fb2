#pragma once
#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "tests/bench/sip_load/loop.hpp"

namespace sallyport::bench {

using tls_context = std::shared_ptr<SSL_CTX>;

/// Throw std::runtime_error with the file that is wrong. An empty file is none; `trust` is whom the other side is
/// checked by.
tls_context client_context(const std::string& trust, const std::string& certificate, const std::string& key);
tls_context server_context(const std::string& trust, const std::string& certificate, const std::string& key);

/// TLS over one TCP socket, which it owns. It says `opened` once, then `read`, and `closed` once unless `close` came
/// first.
class tls_stream {
public:
  struct callbacks {
    std::function<void()> opened;
    std::function<void(std::string_view bytes)> read;
    std::function<void()> closed;
  };
  enum class role : std::uint8_t { client, server };

  /// `server_name` is what a client asks for and checks.
  tls_stream(loop& events, int descriptor, const tls_context& context, role as, const std::string& server_name,
             callbacks then);
  ~tls_stream() { close(); }
  tls_stream(const tls_stream&) = delete;
  tls_stream& operator=(const tls_stream&) = delete;

  void write(std::string_view bytes);
  /// Ends it without a word, in the middle of a callback too.
  void close();
  /// While it does not read, what the other side sends stays in the socket.
  void read_on(bool on);
  [[nodiscard]] int descriptor() const { return descriptor_; }

private:
  struct freed {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };

  void ready();
  void handshake();
  void read();
  void flush();
  /// The rest of an OpenSSL call: whether it only waits for the socket.
  bool waits(int outcome);
  void fail();
  void ask_for(bool write);

  loop& events_;
  int descriptor_;
  std::unique_ptr<SSL, freed> tls_;
  callbacks then_;
  std::string unwritten_;
  bool open_ = false;
  bool reads_ = true;
  bool wants_write_ = true;
};

} // namespace sallyport::bench
