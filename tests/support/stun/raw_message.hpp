#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "net/core/big_endian.hpp"
#include "net/stun/fingerprint.hpp"
#include "net/stun/names.hpp"

namespace sallyport::stun {

/// A message put together byte by byte, right or wrong: what the writer would not write.
struct raw_message {
  std::vector<std::byte> bytes;

  /// A header with the transaction id 01 02 … 0c and no attributes; a Binding request unless told otherwise.
  explicit raw_message(std::uint16_t type = 0x0001) : bytes(header_bytes) {
    auto* at = put_big_endian(bytes.data(), type);
    at = put_big_endian(at, std::uint16_t{0});
    at = put_big_endian(at, magic_cookie);
    for (std::uint8_t i = 1; i <= 12; ++i)
      *at++ = static_cast<std::byte>(i);
  }

  raw_message& length(std::size_t body_bytes) {
    put_big_endian(bytes.data() + 2, static_cast<std::uint16_t>(body_bytes));
    return *this;
  }

  /// Claims `claimed` bytes of value, whatever follows; the length in the header counts what is there.
  raw_message& claim(std::uint16_t type, std::size_t claimed, std::span<const std::byte> value,
                     std::byte padding = std::byte{0}) {
    const auto begin = bytes.size();
    bytes.resize(begin + attribute_header_bytes);
    put_big_endian(put_big_endian(bytes.data() + begin, type), static_cast<std::uint16_t>(claimed));
    bytes.insert(bytes.end(), value.begin(), value.end());
    bytes.resize(padded(bytes.size()), padding);
    return length(bytes.size() - header_bytes);
  }

  raw_message& add(attribute type, std::span<const std::byte> value, std::byte padding = std::byte{0}) {
    return claim(static_cast<std::uint16_t>(type), value.size(), value, padding);
  }
  raw_message& add(attribute type, std::string_view value, std::byte padding = std::byte{0}) {
    return add(type, std::as_bytes(std::span{value}), padding);
  }

  raw_message& add_fingerprint() {
    const auto begin = bytes.size();
    add(attribute::fingerprint, std::string_view{"\0\0\0\0", 4});
    put_big_endian(bytes.data() + begin + attribute_header_bytes, fingerprint_of(std::span{bytes}.first(begin)));
    return *this;
  }
};

} // namespace sallyport::stun
