#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "net/core/big_endian.hpp"
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
              std::string_view in_realm = "edge.example")
    : at{*endpoint::parse(address)}, name{std::move(username)}, realm{in_realm}, key{stun::make_long_term_key(
                                                                                   name, realm, password)} {}

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
  bytes request(stun::method which) {
    return request(which, [](stun::message_writer&) {});
  }

  /// Neither signed nor named.
  template <class Put>
  bytes bare(stun::method which, stun::message_class kind, Put&& put) {
    return begin(which, kind, [&](stun::message_writer& writer) {
      put(writer);
      if (with_fingerprint)
        writer.put_fingerprint();
    });
  }
  bytes bare(stun::method which, stun::message_class kind = stun::message_class::request) {
    return bare(which, kind, [](stun::message_writer&) {});
  }

  template <class Put>
  bytes allocate(Put&& put) {
    return request(stun::method::allocate, [&](stun::message_writer& writer) {
      writer.put_u32(stun::attribute::requested_transport, 17U << 24);
      put(writer);
    });
  }
  bytes allocate() {
    return allocate([](stun::message_writer&) {});
  }
  bytes refresh(std::optional<std::uint32_t> lifetime_seconds) {
    return request(stun::method::refresh, [&](stun::message_writer& writer) {
      if (lifetime_seconds)
        writer.put_u32(stun::attribute::lifetime, *lifetime_seconds);
    });
  }
  bytes permit(const std::vector<std::string>& peers) {
    return request(stun::method::create_permission, [&](stun::message_writer& writer) {
      for (const auto& peer : peers)
        writer.put_xor_address(stun::attribute::xor_peer_address, {*ip_address::parse(peer), 0});
    });
  }
  bytes bind(std::uint16_t number, const std::string& peer) {
    return request(stun::method::channel_bind, [&](stun::message_writer& writer) {
      writer.put_u32(stun::attribute::channel_number, std::uint32_t{number} << 16);
      writer.put_xor_address(stun::attribute::xor_peer_address, *endpoint::parse(peer));
    });
  }
  bytes send(const std::string& peer, std::string_view payload) {
    return bare(stun::method::send, stun::message_class::indication, [&](stun::message_writer& writer) {
      writer.put_xor_address(stun::attribute::xor_peer_address, *endpoint::parse(peer));
      writer.put_text(stun::attribute::data, payload);
    });
  }
  static bytes channel_data(std::uint16_t number, std::string_view payload) {
    bytes message(turn::channel_data::header_bytes);
    turn::write_channel_header(std::span{message}.first<turn::channel_data::header_bytes>(), number,
                               static_cast<std::uint16_t>(payload.size()));
    const auto rest = bytes_of(payload);
    message.insert(message.end(), rest.begin(), rest.end());
    return message;
  }

  /// Nothing for what is not a STUN message at all.
  [[nodiscard]] std::optional<turn_response> read(std::span<const std::byte> datagram) const {
    const auto message = stun::message_view::parse(datagram);
    if (!message)
      return std::nullopt;
    using stun::attribute;
    turn_response read{.kind = message->kind(), .method = message->method_number()};
    read.transaction = message->transaction();
    read.is_signed = stun::verify_integrity(*message, key) == how;
    read.has_fingerprint = message->has_fingerprint();
    const auto address = [&](attribute which) {
      const auto value = message->find(which);
      return value ? stun::read_xor_address(*value, message->transaction()) : std::nullopt;
    };
    read.relayed = address(attribute::xor_relayed_address);
    read.mapped = address(attribute::xor_mapped_address);
    if (const auto value = message->find(attribute::error_code))
      read.code = std::to_integer<unsigned>((*value)[2]) * 100 + std::to_integer<unsigned>((*value)[3]);
    if (const auto value = message->find(attribute::lifetime))
      read.lifetime = seconds{big_endian_at<std::uint32_t>(value->data())};
    if (const auto value = message->find(attribute::reservation_token)) {
      read.token.emplace();
      std::ranges::copy(*value, read.token->begin());
    }
    if (const auto value = message->find(attribute::realm))
      read.realm = text_of(*value);
    if (const auto value = message->find(attribute::nonce))
      read.nonce = text_of(*value);
    if (const auto value = message->find(attribute::unknown_attributes))
      for (std::size_t i = 0; i + 1 < value->size(); i += 2)
        read.unknown.push_back(big_endian_at<std::uint16_t>(value->data() + i));
    if (const auto value = message->find(attribute::address_error_code))
      read.address_error.emplace(value->begin(), value->end());
    return read;
  }

  endpoint at;
  std::uint8_t door = 0;
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
