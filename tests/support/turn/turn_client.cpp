#include "tests/support/turn/turn_client.hpp"

#include <algorithm>
#include <utility>

namespace sallyport::test {

turn_client::turn_client(const std::string& address, std::string username, std::string_view password,
                         std::string_view in_realm)
  : at{*endpoint::parse(address)}, name{std::move(username)}, realm{in_realm}, key{stun::make_long_term_key(name, realm,
                                                                                                            password)} {
}

bytes turn_client::request(stun::method which) {
  return request(which, [](stun::message_writer&) {});
}

bytes turn_client::bare(stun::method which, stun::message_class kind) {
  return bare(which, kind, [](stun::message_writer&) {});
}

bytes turn_client::first_allocate() {
  return bare(stun::method::allocate, stun::message_class::request,
              [](stun::message_writer& writer) { writer.put_u32(stun::attribute::requested_transport, 17U << 24); });
}

bytes turn_client::allocate() {
  return allocate([](stun::message_writer&) {});
}

bytes turn_client::refresh(std::optional<std::uint32_t> lifetime_seconds) {
  return request(stun::method::refresh, [&](stun::message_writer& writer) {
    if (lifetime_seconds)
      writer.put_u32(stun::attribute::lifetime, *lifetime_seconds);
  });
}

bytes turn_client::permit(const std::vector<std::string>& peers) {
  return request(stun::method::create_permission, [&](stun::message_writer& writer) {
    for (const auto& peer : peers)
      writer.put_xor_address(stun::attribute::xor_peer_address, {*ip_address::parse(peer), 0});
  });
}

bytes turn_client::bind(std::uint16_t number, const std::string& peer) {
  return request(stun::method::channel_bind, [&](stun::message_writer& writer) {
    writer.put_u32(stun::attribute::channel_number, std::uint32_t{number} << 16);
    writer.put_xor_address(stun::attribute::xor_peer_address, *endpoint::parse(peer));
  });
}

bytes turn_client::send(const std::string& peer, std::string_view payload) {
  return bare(stun::method::send, stun::message_class::indication, [&](stun::message_writer& writer) {
    writer.put_xor_address(stun::attribute::xor_peer_address, *endpoint::parse(peer));
    writer.put_text(stun::attribute::data, payload);
  });
}

bytes turn_client::channel_data(std::uint16_t number, std::string_view payload) {
  bytes message(turn::channel_data::header_bytes);
  turn::write_channel_header(std::span{message}.first<turn::channel_data::header_bytes>(), number,
                             static_cast<std::uint16_t>(payload.size()));
  const auto rest = bytes_of(payload);
  message.insert(message.end(), rest.begin(), rest.end());
  return message;
}

std::optional<turn_response> turn_client::read(std::span<const std::byte> datagram) const {
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

} // namespace sallyport::test
