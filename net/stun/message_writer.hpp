#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/core/address.hpp"
#include "net/stun/integrity.hpp"
#include "net/stun/names.hpp"

namespace sallyport::stun {

/// Writes one STUN message into the caller's buffer, attribute by attribute; the message is whole after each. Who
/// writes has made room: an attribute that does not fit throws std::length_error. `sign` and `put_fingerprint` come
/// last, in that order.
class message_writer {
public:
  message_writer(std::span<std::byte> into, method which, message_class kind, const transaction_id& transaction);

  message_writer& put(attribute type, std::span<const std::byte> value);
  message_writer& put_text(attribute type, std::string_view value);
  message_writer& put_u32(attribute type, std::uint32_t value);
  message_writer& put_xor_address(attribute type, const endpoint& address);
  /// ERROR-CODE (RFC 8489, 14.8): 300 to 699.
  message_writer& put_error(unsigned code, std::string_view phrase);
  /// UNKNOWN-ATTRIBUTES (RFC 8489, 14.9).
  message_writer& put_unknown(std::span<const std::uint16_t> types);
  /// An attribute whose value is left as it stands in the buffer: for one that is there already. The value's place.
  std::span<std::byte> put_in_place(attribute type, std::size_t value_bytes);

  /// The integrity over all so far; `integrity::none` writes nothing.
  message_writer& sign(integrity how, std::span<const std::uint8_t> key);
  message_writer& put_fingerprint();

  /// The message: the front of the buffer.
  [[nodiscard]] std::span<const std::byte> finish() const noexcept { return into_.first(used_); }

private:
  std::span<std::byte> into_;
  std::size_t used_ = header_bytes;
  transaction_id transaction_;
};

} // namespace sallyport::stun
