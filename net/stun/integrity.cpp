#include "net/stun/integrity.hpp"

#include <openssl/evp.h>

#include <initializer_list>
#include <stdexcept>
#include <string>

#include "net/core/secret.hpp"
#include "net/stun/hmac.hpp"

namespace sallyport::stun {
namespace {

/// What an integrity is computed over: all before its attribute, with a length in the header as if the message ended
/// with the attribute, whatever came after (RFC 8489, 14.5).
class covered_bytes {
public:
  covered_bytes(std::span<const std::byte> message, std::span<const std::byte> value) noexcept {
    const auto value_begin = static_cast<std::size_t>(value.data() - message.data());
    put_big_endian(length_.data(), static_cast<std::uint16_t>(value_begin + value.size() - header_bytes));
    type_ = message.first(2);
    rest_ = message.subspan(4, value_begin - attribute_header_bytes - 4);
  }

  [[nodiscard]] auto sha1(std::span<const std::uint8_t> key) const { return hmac_sha1(key, {type_, length_, rest_}); }
  [[nodiscard]] auto sha256(std::span<const std::uint8_t> key) const {
    return hmac_sha256(key, {type_, length_, rest_});
  }

private:
  std::array<std::byte, 2> length_;
  std::span<const std::byte> type_;
  std::span<const std::byte> rest_;
};

bool is_same(std::span<const std::byte> value, std::span<const std::uint8_t> mac) noexcept {
  return equal_in_constant_time({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()}, mac);
}

} // namespace

long_term_key make_long_term_key(std::string_view username, std::string_view realm, std::string_view password) {
  std::string text;
  text.append(username).append(":").append(realm).append(":").append(password);
  long_term_key key;
  unsigned written = 0;
  if (EVP_Digest(text.data(), text.size(), key.data(), &written, EVP_md5(), nullptr) != 1 || written != key.size())
    throw std::runtime_error{"no MD5"}; // A FIPS provider has none; then nobody has a long-term credential.
  return key;
}

integrity verify_integrity(const message_view& message, std::span<const std::uint8_t> key) {
  if (const auto value = message.find(attribute::message_integrity_sha256)) {
    const auto mac = covered_bytes{message.bytes(), *value}.sha256(key);
    return is_same(*value, mac) ? integrity::sha256 : integrity::none;
  }
  if (const auto value = message.find(attribute::message_integrity)) {
    const auto mac = covered_bytes{message.bytes(), *value}.sha1(key);
    return is_same(*value, mac) ? integrity::sha1 : integrity::none;
  }
  return integrity::none;
}

} // namespace sallyport::stun
