#include "net/turn/replies.hpp"

#include <algorithm>

#include "net/stun/error_code.hpp"
#include "net/stun/message_writer.hpp"
#include "net/turn/nonces.hpp"

namespace sallyport::turn {
namespace {

using stun::attribute;
using stun::message_class;
using stun::message_writer;

message_writer begin(std::span<std::byte> room, const reply_terms& terms, message_class kind) {
  return {room, terms.which, kind, terms.transaction};
}

std::span<const std::byte> finish(message_writer& writer, const reply_terms& terms) {
  writer.sign(terms.how, terms.key);
  if (terms.has_fingerprint)
    writer.put_fingerprint();
  return writer.finish();
}

/// ADDRESS-ERROR-CODE for IPv6 (RFC 8656, 18.12).
void put_missing_ipv6(message_writer& writer) {
  constexpr unsigned code = 440;
  constexpr std::byte ipv6{0x02};
  const auto phrase = stun::reason_phrase(code);
  const auto value = writer.put_in_place(attribute::address_error_code, 4 + phrase.size());
  value[0] = ipv6;
  value[1] = std::byte{0};
  value[2] = std::byte{code / 100};
  value[3] = std::byte{code % 100};
  std::ranges::copy(std::as_bytes(std::span{phrase}), value.begin() + 4);
}

} // namespace

reply_terms terms_of(const stun::message_view& request) {
  return {.which = static_cast<stun::method>(request.method_number()),
          .transaction = request.transaction(),
          .has_fingerprint = request.has_fingerprint()};
}

std::span<const std::byte> write_challenge(std::span<std::byte> room, const reply_terms& terms, unsigned code,
                                           std::string_view realm, std::string_view nonce) {
  return begin(room, terms, message_class::error)
    .put_error(code, {})
    .put_text(attribute::realm, realm)
    .put_text(attribute::nonce, nonce)
    .finish();
}

std::size_t challenge_bytes(std::string_view realm) noexcept {
  constexpr std::size_t error_code_bytes = 4;
  return stun::header_bytes + 3 * stun::attribute_header_bytes + error_code_bytes + stun::padded(realm.size()) +
         stun::padded(std::tuple_size_v<nonces::text>);
}

std::span<const std::byte> write_error(std::span<std::byte> room, const reply_terms& terms, unsigned code,
                                       std::span<const std::uint16_t> unknown) {
  auto writer = begin(room, terms, message_class::error);
  writer.put_error(code, terms.how == stun::integrity::none ? std::string_view{} : stun::reason_phrase(code));
  if (!unknown.empty())
    writer.put_unknown(unknown);
  return finish(writer, terms);
}

std::span<const std::byte> write_bound(std::span<std::byte> room, const reply_terms& terms, const endpoint& client) {
  auto writer = begin(room, terms, message_class::success);
  writer.put_xor_address(attribute::xor_mapped_address, client);
  return finish(writer, terms);
}

std::span<const std::byte> write_allocated(std::span<std::byte> room, const reply_terms& terms, const allocated& what) {
  auto writer = begin(room, terms, message_class::success);
  writer.put_xor_address(attribute::xor_relayed_address, what.relayed);
  writer.put_u32(attribute::lifetime, static_cast<std::uint32_t>(what.lifetime.count()));
  if (what.token)
    writer.put(attribute::reservation_token, *what.token);
  writer.put_xor_address(attribute::xor_mapped_address, what.client);
  if (what.lacks_additional_family)
    put_missing_ipv6(writer);
  return finish(writer, terms);
}

std::span<const std::byte> write_refreshed(std::span<std::byte> room, const reply_terms& terms, seconds lifetime) {
  auto writer = begin(room, terms, message_class::success);
  writer.put_u32(attribute::lifetime, static_cast<std::uint32_t>(lifetime.count()));
  return finish(writer, terms);
}

std::span<const std::byte> write_success(std::span<std::byte> room, const reply_terms& terms) {
  auto writer = begin(room, terms, message_class::success);
  return finish(writer, terms);
}

} // namespace sallyport::turn
