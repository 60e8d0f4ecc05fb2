#include "net/sip/route_token.hpp"

#include <algorithm>
#include <array>

#include "net/core/base64url.hpp"
#include "net/core/big_endian.hpp"

namespace sallyport::sip {
namespace {

// In base64url, integers in network order, a `lane_ref` as node, lane, index, generation:
//
//   version 2   version and kind 1, key id 1, flow 11, its incarnation 4, binding 8,
//               dialog: session 11, its incarnation 4,
//               code 10
//   version 1   version and kind 1, key id 1, incarnation of both 4, flow 11,
//               dialog: session 11,
//               code 10
//
// Version 2 is written; both are read, since registrars and dialogs keep what they were given for hours and days.
constexpr std::uint8_t version = 2;
constexpr std::size_t start_bytes = 1 + 1;
constexpr std::size_t incarnation_bytes = 4;
constexpr std::size_t ref_bytes = 2 + 1 + 4 + 4;
constexpr std::size_t key_bytes = ref_bytes + incarnation_bytes;
constexpr std::size_t code_bytes = token_keys::code_bytes;

constexpr std::uint8_t start_of(std::uint8_t of_version, route_token::kind type) noexcept {
  return static_cast<std::uint8_t>(of_version << 4 | static_cast<std::uint8_t>(type));
}

/// All bytes before the code; 0 for a start that this build does not know.
constexpr std::size_t body_bytes_of(std::uint8_t start) noexcept {
  using enum route_token::kind;
  switch (start) {
  case start_of(1, path):
    return start_bytes + incarnation_bytes + ref_bytes;
  case start_of(1, dialog):
    return start_bytes + incarnation_bytes + 2 * ref_bytes;
  case start_of(2, path):
    return start_bytes + key_bytes + sizeof(binding_id);
  case start_of(2, dialog):
    return start_bytes + key_bytes + sizeof(binding_id) + key_bytes;
  default:
    return 0;
  }
}

constexpr std::size_t chars_of(route_token::kind type) noexcept {
  return base64url_chars(body_bytes_of(start_of(version, type)) + code_bytes);
}
static_assert(chars_of(route_token::kind::path) == 47 && chars_of(route_token::kind::dialog) == 67);

constexpr std::size_t bytes_min = body_bytes_of(start_of(1, route_token::kind::path)) + code_bytes;
constexpr std::size_t bytes_max = token_keys::text_max / 4 * 3;

std::uint8_t* put(std::uint8_t* at, const lane_key& key) noexcept {
  at = put_big_endian(at, key.id.node);
  at = put_big_endian(at, key.id.lane);
  at = put_big_endian(at, key.id.index);
  at = put_big_endian(at, key.id.generation);
  return put_big_endian(at, key.incarnation);
}

const std::uint8_t* get(const std::uint8_t* at, lane_ref& ref) noexcept {
  at = get_big_endian(at, ref.node);
  at = get_big_endian(at, ref.lane);
  at = get_big_endian(at, ref.index);
  return get_big_endian(at, ref.generation);
}

const std::uint8_t* get(const std::uint8_t* at, lane_key& key) noexcept {
  return get_big_endian(get(at, key.id), key.incarnation);
}

keyed_hash::digest_bytes code_of(const keyed_hash& hash, std::span<const std::uint8_t> body, bool is_dialog,
                                 std::string_view call_id) {
  const std::string_view text{reinterpret_cast<const char*>(body.data()), body.size()};
  return hash.digest({"route", text, is_dialog ? call_id : std::string_view{}});
}

bool is_dialog(std::uint8_t start) noexcept {
  return (start & 15) == static_cast<std::uint8_t>(route_token::kind::dialog);
}

route_token read_version_1(const std::uint8_t* body) noexcept {
  route_token token{.type = static_cast<route_token::kind>(body[0] & 15)};
  const auto* at = get_big_endian(body + start_bytes, token.flow.incarnation);
  at = get(at, token.flow.id);
  if (is_dialog(body[0])) {
    get(at, token.session.id);
    token.session.incarnation = token.flow.incarnation;
  }
  return token;
}

route_token read_version_2(const std::uint8_t* body) noexcept {
  route_token token{.type = static_cast<route_token::kind>(body[0] & 15)};
  const auto* at = get(body + start_bytes, token.flow);
  at = get_big_endian(at, token.binding);
  if (is_dialog(body[0]))
    get(at, token.session);
  return token;
}

} // namespace

token_keys::token_keys(const live_keys& keys) : current_{hash_of(keys.current)} {
  if (keys.former)
    former_ = hash_of(*keys.former);
}

token_keys::named_hash token_keys::hash_of(const named_key& key) {
  return {key.id, keyed_hash{key.key}};
}

const token_keys::named_hash* token_keys::find(std::uint8_t id) const noexcept {
  if (id == current_.id)
    return &current_;
  return former_ && former_->id == id ? &*former_ : nullptr;
}

std::string token_keys::sign(const route_token& token, std::string_view call_id) const {
  std::array<std::uint8_t, bytes_max> bytes;
  bytes[0] = start_of(version, token.type);
  bytes[1] = current_.id;
  auto* end = put(bytes.data() + start_bytes, token.flow);
  end = put_big_endian(end, token.binding);
  if (is_dialog(bytes[0]))
    end = put(end, token.session);

  const auto body = std::span{bytes}.first(body_bytes_of(bytes[0]));
  const auto code = code_of(current_.hash, body, is_dialog(bytes[0]), call_id);
  std::copy_n(code.begin(), code_bytes, end);
  return base64url(std::span{bytes}.first(body.size() + code_bytes));
}

result<route_token, token_error> token_keys::verify(std::string_view text, std::string_view call_id) const {
  std::array<std::uint8_t, bytes_max> room;
  const auto bytes = std::span{room}.first(std::min(text.size() * 3 / 4, bytes_max));
  if (bytes.size() < bytes_min || !read_base64url(text, bytes))
    return fail(token_error::not_ours);

  const auto* key = find(bytes[1]);
  const auto body_bytes = body_bytes_of(bytes[0]);
  if (body_bytes == 0) // A newer build signs with the same keys; anything else may be the name of a user.
    return fail(key ? token_error::unknown_form : token_error::not_ours);
  if (bytes.size() != body_bytes + code_bytes)
    return fail(token_error::not_ours);
  if (!key)
    return fail(token_error::unknown_key);

  const auto code = code_of(key->hash, bytes.first(body_bytes), is_dialog(bytes[0]), call_id);
  if (!equal_in_constant_time(std::span{code}.first<code_bytes>(), bytes.subspan(body_bytes)))
    return fail(token_error::forged);
  return bytes[0] >> 4 == 1 ? read_version_1(bytes.data()) : read_version_2(bytes.data());
}

} // namespace sallyport::sip
