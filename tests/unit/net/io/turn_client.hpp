#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/big_endian.hpp"
#include "net/io/socket.hpp"
#include "net/stun/message_view.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"
#include "net/turn/channel_data.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {

using stun::attribute;
using stun::message_class;
using stun::method;
using byte_text = std::string; ///< Bytes of a datagram.

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span{text});
}
inline byte_text text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A UDP socket that the test drives by hand. Never waits.
class udp_wire {
public:
  explicit udp_wire(const endpoint& local = loopback()) : fd_{std::move(*io::open_exclusive(local, SOCK_DGRAM))} {}

  void send(const endpoint& to, std::string_view bytes) {
    const io::socket_address address{to};
    EXPECT_EQ(::sendto(fd_.get(), bytes.data(), bytes.size(), 0, address.get(), address.bytes),
              static_cast<ssize_t>(bytes.size()));
  }
  struct heard {
    endpoint from;
    byte_text bytes;
  };
  std::optional<heard> receive() {
    std::array<char, 65536> buffer;
    io::socket_address from;
    const auto got = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT, from.get(), &from.bytes);
    if (got < 0)
      return std::nullopt;
    return heard{from.to_endpoint(), {buffer.data(), static_cast<std::size_t>(got)}};
  }
  [[nodiscard]] endpoint local() const { return io::local_endpoint(fd_.get()); }
  [[nodiscard]] int fd() const { return fd_.get(); }

private:
  io::unique_fd fd_;
};

/// A response as the test wants to look at it.
struct response {
  explicit response(byte_text text) : bytes{std::move(text)} {}
  [[nodiscard]] stun::message_view view() const { return *stun::message_view::parse(bytes_of(bytes)); }
  [[nodiscard]] bool is_success() const { return view().kind() == message_class::success; }
  /// 0: a success.
  [[nodiscard]] unsigned code() const {
    const auto message = view();
    const auto value = message.find(attribute::error_code);
    return value ? std::to_integer<unsigned>((*value)[2]) * 100 + std::to_integer<unsigned>((*value)[3]) : 0;
  }
  [[nodiscard]] std::optional<endpoint> address(attribute which) const {
    const auto message = view();
    const auto value = message.find(which);
    return value ? stun::read_xor_address(*value, message.transaction()) : std::nullopt;
  }
  byte_text bytes;
};

/// A TURN client (RFC 8656) with one user's name and password, which says what the test has it say.
class turn_client {
public:
  static constexpr std::string_view realm = "edge.example";
  static constexpr std::string_view password = "open sesame";

  explicit turn_client(const endpoint& server, std::string name = "ali", const endpoint& local = loopback())
    : server_{server}, wire_{local}, name_{std::move(name)}, key_{stun::make_long_term_key(name_, realm, password)} {}

  static stun::message_writer& nothing(stun::message_writer& writer) { return writer; }

  /// A request with what `fill` puts into it, signed once there is a nonce.
  template <class Fill>
  byte_text request(method which, Fill&& fill) {
    put_big_endian(transaction_.data(), ++requests_);
    put_big_endian(transaction_.data() + 8, static_cast<std::uint32_t>(wire_.local().port));
    std::array<std::byte, 1280> room;
    stun::message_writer writer{room, which, message_class::request, transaction_};
    fill(writer);
    if (!nonce_.empty()) {
      writer.put_text(attribute::username, name_).put_text(attribute::realm, realm).put_text(attribute::nonce, nonce_);
      writer.sign(stun::integrity::sha1, key_);
    }
    return text_of(writer.finish());
  }
  byte_text allocate_request() {
    return request(method::allocate, [](auto& writer) { writer.put_u32(attribute::requested_transport, 17U << 24); });
  }
  byte_text channel_bind_request(std::uint16_t number, const endpoint& peer) {
    return request(method::channel_bind, [&](auto& writer) {
      writer.put_u32(attribute::channel_number, std::uint32_t{number} << 16);
      writer.put_xor_address(attribute::xor_peer_address, peer);
    });
  }
  byte_text permission_request(const endpoint& peer) {
    return request(method::create_permission,
                   [&](auto& writer) { writer.put_xor_address(attribute::xor_peer_address, peer); });
  }
  byte_text refresh_request(std::uint32_t seconds) {
    return request(method::refresh, [&](auto& writer) { writer.put_u32(attribute::lifetime, seconds); });
  }
  byte_text binding_request() {
    return request(method::binding, [](auto&) {});
  }

  static byte_text channel_data(std::uint16_t number, std::string_view payload) {
    std::array<std::byte, turn::channel_data::header_bytes> head;
    turn::write_channel_header(head, number, static_cast<std::uint16_t>(payload.size()));
    return text_of(head) + byte_text{payload};
  }
  byte_text send_indication(const endpoint& peer, std::string_view payload) {
    std::array<std::byte, 1280> room;
    put_big_endian(transaction_.data(), ++requests_);
    stun::message_writer writer{room, method::send, message_class::indication, transaction_};
    writer.put_xor_address(attribute::xor_peer_address, peer).put(attribute::data, bytes_of(payload));
    return text_of(writer.finish());
  }

  void send(std::string_view bytes) { wire_.send(server_, bytes); }
  std::optional<udp_wire::heard> receive() { return wire_.receive(); }
  /// As a 401 or 438 says.
  void use_nonce_of(const response& refusal) {
    const auto message = refusal.view();
    const auto nonce = message.find(attribute::nonce);
    ASSERT_TRUE(nonce);
    nonce_ = text_of(*nonce);
  }
  void use_nonce(std::string nonce) { nonce_ = std::move(nonce); }
  [[nodiscard]] endpoint local() const { return wire_.local(); }
  [[nodiscard]] const endpoint& server() const { return server_; }
  [[nodiscard]] int fd() const { return wire_.fd(); }

private:
  endpoint server_;
  udp_wire wire_;
  std::string name_;
  stun::long_term_key key_;
  std::string nonce_;
  stun::transaction_id transaction_{};
  std::uint64_t requests_ = 0;
};

} // namespace sallyport::test
