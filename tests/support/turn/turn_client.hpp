#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/core/big_endian.hpp"
#include "net/core/time.hpp"
#include "net/stun/message_view.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"
#include "net/turn/channel_data.hpp"
#include "net/turn/reservation_token.hpp"

namespace sallyport::test {

using bytes = std::vector<std::byte>;

inline bytes bytes_of(std::string_view text) {
  const auto view = std::as_bytes(std::span{text});
  return {view.begin(), view.end()};
}

inline std::string text_of(std::span<const std::byte> view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

/// A response, as far as tests ask about it.
struct turn_response {
  stun::message_class kind{};
  std::uint16_t method = 0;
  stun::transaction_id transaction{};
  unsigned code = 0; ///< 0: a success.
  bool is_signed = false;
  bool has_fingerprint = false;
  std::optional<endpoint> relayed;
  std::optional<endpoint> mapped;
  std::optional<seconds> lifetime;
  std::optional<turn::reservation_token> token;
  std::string realm;
  std::string nonce;
  std::vector<std::uint16_t> unknown;
  std::optional<bytes> address_error;
};

/// A TURN client as RFC 8656 has it: what it knows, and how it writes and reads messages. It judges nothing.
class turn_client {
public:
  turn_client(const std::string& address, std::string username, std::string_view password,
              std::string_view in_realm = "edge.example");

  /// Signed as a request should be, with what `put(writer)` adds, and a new transaction id.
  template <class Put>
  bytes request(stun::method which, Put&& put) {
    return begin(which, stun::message_class::request, [&](stun::message_writer& writer) {
      put(writer);
      writer.put_text(stun::attribute::username, name)
        .put_text(stun::attribute::realm, realm)
        .put_text(stun::attribute::nonce, nonce)
        .sign(how, key);
      if (with_fingerprint)
        writer.put_fingerprint();
    });
  }
  bytes request(stun::method which);

  /// Neither signed nor named.
  template <class Put>
  bytes bare(stun::method which, stun::message_class kind, Put&& put) {
    return begin(which, kind, [&](stun::message_writer& writer) {
      put(writer);
      if (with_fingerprint)
        writer.put_fingerprint();
    });
  }
  bytes bare(stun::method which, stun::message_class kind = stun::message_class::request);

  /// What everybody begins with: an Allocate that is neither signed nor named.
  bytes first_allocate();

  template <class Put>
  bytes allocate(Put&& put) {
    return request(stun::method::allocate, [&](stun::message_writer& writer) {
      writer.put_u32(stun::attribute::requested_transport, 17U << 24);
      put(writer);
    });
  }
  bytes allocate();
  bytes refresh(std::optional<std::uint32_t> lifetime_seconds);
  bytes permit(const std::vector<std::string>& peers);
  bytes bind(std::uint16_t number, const std::string& peer);
  bytes send(const std::string& peer, std::string_view payload);
  static bytes channel_data(std::uint16_t number, std::string_view payload);

  /// Nothing for what is not a STUN message at all.
  [[nodiscard]] std::optional<turn_response> read(std::span<const std::byte> datagram) const;

  endpoint at;
  std::uint8_t listener = 0;
  std::string name;
  std::string realm;
  std::string nonce = "nonce";
  stun::long_term_key key;
  stun::integrity how = stun::integrity::sha1;
  bool with_fingerprint = false;
  std::uint64_t transactions = 0; ///< How many it has begun.

private:
  template <class Put>
  bytes begin(stun::method which, stun::message_class kind, Put&& put) {
    stun::transaction_id transaction{};
    put_big_endian(transaction.data() + 4, ++transactions);
    std::array<std::byte, 4096> room;
    stun::message_writer writer{room, which, kind, transaction};
    put(writer);
    const auto written = writer.finish();
    return {written.begin(), written.end()};
  }
};

} // namespace sallyport::test
