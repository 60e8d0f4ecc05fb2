#include "net/stun/message_writer.hpp"

#include <algorithm>
#include <stdexcept>

#include "net/core/big_endian.hpp"
#include "net/stun/fingerprint.hpp"
#include "net/stun/hmac.hpp"
#include "net/stun/xor_address.hpp"

namespace sallyport::stun {
namespace {

constexpr std::size_t message_bytes_max = header_bytes + 0xFFFC; // The length is of 16 bits and a multiple of four.

/// RFC 8489, 5: the class goes between the bits of the method.
constexpr std::uint16_t type_of(method which, message_class kind) noexcept {
  const auto number = static_cast<unsigned>(which);
  const auto bits = static_cast<unsigned>(kind);
  return static_cast<std::uint16_t>((number & 0x000F) | ((number & 0x0070) << 1) | ((number & 0x0F80) << 2) |
                                    ((bits & 0b01) << 4) | ((bits & 0b10) << 7));
}

void require_room(std::size_t wanted, std::size_t room) {
  if (wanted > std::min(room, message_bytes_max))
    throw std::length_error{"STUN message longer than its buffer"};
}

} // namespace

message_writer::message_writer(std::span<std::byte> into, method which, message_class kind,
                               const transaction_id& transaction)
  : into_{into}, transaction_{transaction} {
  require_room(header_bytes, into_.size());
  auto* at = put_big_endian(into_.data(), type_of(which, kind));
  at = put_big_endian(at, std::uint16_t{0});
  at = put_big_endian(at, magic_cookie);
  std::ranges::copy(transaction, at);
}

std::span<std::byte> message_writer::put_in_place(attribute type, std::size_t value_bytes) {
  const std::size_t begin = used_ + attribute_header_bytes;
  require_room(begin + padded(value_bytes), into_.size());
  auto* at = put_big_endian(into_.data() + used_, static_cast<std::uint16_t>(type));
  put_big_endian(at, static_cast<std::uint16_t>(value_bytes));
  used_ = begin + padded(value_bytes);
  std::ranges::fill(into_.subspan(begin + value_bytes, used_ - begin - value_bytes), std::byte{0});
  put_big_endian(into_.data() + 2, static_cast<std::uint16_t>(used_ - header_bytes));
  return into_.subspan(begin, value_bytes);
}

message_writer& message_writer::put(attribute type, std::span<const std::byte> value) {
  std::ranges::copy(value, put_in_place(type, value.size()).begin());
  return *this;
}

message_writer& message_writer::put_text(attribute type, std::string_view value) {
  return put(type, std::as_bytes(std::span{value}));
}

message_writer& message_writer::put_u32(attribute type, std::uint32_t value) {
  put_big_endian(put_in_place(type, sizeof value).data(), value);
  return *this;
}

message_writer& message_writer::put_xor_address(attribute type, const endpoint& address) {
  write_xor_address(put_in_place(type, xor_address_bytes(address)).data(), address, transaction_);
  return *this;
}

message_writer& message_writer::put_error(unsigned code, std::string_view phrase) {
  const auto value = put_in_place(attribute::error_code, 4 + phrase.size());
  auto* at = put_big_endian(value.data(), std::uint16_t{0});
  at = put_big_endian(at, static_cast<std::uint8_t>(code / 100));
  at = put_big_endian(at, static_cast<std::uint8_t>(code % 100));
  std::ranges::copy(std::as_bytes(std::span{phrase}), at);
  return *this;
}

message_writer& message_writer::put_unknown(std::span<const std::uint16_t> types) {
  auto* at = put_in_place(attribute::unknown_attributes, 2 * types.size()).data();
  for (const auto type : types)
    at = put_big_endian(at, type);
  return *this;
}

message_writer& message_writer::sign(integrity how, std::span<const std::uint8_t> key) {
  // The attribute first: the length in the header that is signed counts it (RFC 8489, 14.5).
  const auto before = into_.first(used_);
  if (how == integrity::sha1) {
    const auto value = put_in_place(attribute::message_integrity, 20);
    const auto mac = hmac_sha1(key, {before});
    std::ranges::copy(std::as_bytes(std::span{mac}), value.begin());
  } else if (how == integrity::sha256) {
    const auto value = put_in_place(attribute::message_integrity_sha256, 32);
    const auto mac = hmac_sha256(key, {before});
    std::ranges::copy(std::as_bytes(std::span{mac}), value.begin());
  }
  return *this;
}

message_writer& message_writer::put_fingerprint() {
  const auto before = into_.first(used_);
  const auto value = put_in_place(attribute::fingerprint, 4);
  put_big_endian(value.data(), fingerprint_of(before));
  return *this;
}

} // namespace sallyport::stun
