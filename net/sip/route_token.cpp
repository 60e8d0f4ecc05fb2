#include "net/sip/route_token.hpp"

#include <array>

#include "net/core/base64url.hpp"
#include "net/core/big_endian.hpp"

namespace sallyport::sip {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t ref_bytes = 2 + 1 + 4 + 4;
constexpr std::size_t path_bytes = 1 + 1 + 4 + ref_bytes; // Version and kind, key id, incarnation, flow.
constexpr std::size_t dialog_bytes = path_bytes + ref_bytes;
constexpr std::size_t code_bytes = token_keys::code_bytes;
static_assert(base64url_chars(dialog_bytes + code_bytes) <= 64);

using token_bytes = std::array<std::uint8_t, dialog_bytes + code_bytes>;

std::uint8_t* put(std::uint8_t* at, const lane_ref& ref) noexcept {
  at = put_big_endian(at, ref.node);
  at = put_big_endian(at, ref.lane);
  at = put_big_endian(at, ref.index);
  return put_big_endian(at, ref.generation);
}

const std::uint8_t* get(const std::uint8_t* at, lane_ref& ref) noexcept {
  at = get_big_endian(at, ref.node);
  at = get_big_endian(at, ref.lane);
  at = get_big_endian(at, ref.index);
  return get_big_endian(at, ref.generation);
}

keyed_hash::digest_bytes code_of(const keyed_hash& hash, std::span<const std::uint8_t> body, bool is_dialog,
                                 std::string_view call_id) {
  const std::string_view text{reinterpret_cast<const char*>(body.data()), body.size()};
  return hash.digest({"route", text, is_dialog ? call_id : std::string_view{}});
}

} // namespace

std::string_view to_string(token_error error) noexcept {
  switch (error) {
  case token_error::not_ours:
    return "not_ours";
  case token_error::unknown_version:
    return "unknown_version";
  case token_error::unknown_key:
    return "unknown_key";
  case token_error::forged:
    return "forged";
  case token_error::former_path:
    return "former_path";
  case token_error::former_dialog:
    return "former_dialog";
  }
  return "";
}

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
  const bool is_dialog = token.type == route_token::kind::dialog;
  token_bytes bytes;
  auto* end = put_big_endian(bytes.data(), static_cast<std::uint8_t>(version << 4 | static_cast<int>(token.type)));
  end = put_big_endian(end, current_.id);
  end = put_big_endian(end, token.incarnation);
  end = put(end, token.flow);
  if (is_dialog)
    end = put(end, token.session);

  const auto body_bytes = static_cast<std::size_t>(end - bytes.data());
  const auto code = code_of(current_.hash, std::span{bytes}.first(body_bytes), is_dialog, call_id);
  std::copy_n(code.begin(), code_bytes, end);
  return base64url(std::span{bytes}.first(body_bytes + code_bytes));
}

result<route_token, token_error> token_keys::verify(std::string_view text, std::string_view call_id, std::uint16_t node,
                                                    std::uint32_t incarnation) const {
  const bool is_dialog = text.size() == base64url_chars(dialog_bytes + code_bytes);
  const auto body_bytes = is_dialog ? dialog_bytes : path_bytes;
  token_bytes bytes;
  if (!read_base64url(text, std::span{bytes}.first(body_bytes + code_bytes)))
    return fail(token_error::not_ours);
  if (bytes[0] >> 4 != version)
    return fail(token_error::unknown_version);
  const auto* key = find(bytes[1]);
  if (key == nullptr)
    return fail(token_error::unknown_key);
  const auto body = std::span{bytes}.first(body_bytes);
  const auto code = code_of(key->hash, body, is_dialog, call_id);
  if (!equal_in_constant_time(std::span{code}.first<code_bytes>(), std::span{bytes}.subspan(body_bytes, code_bytes)))
    return fail(token_error::forged);

  route_token token;
  token.type = static_cast<route_token::kind>(bytes[0] & 15);
  if ((token.type == route_token::kind::dialog) != is_dialog)
    return fail(token_error::forged);
  const auto* at = get_big_endian(bytes.data() + 2, token.incarnation);
  at = get(at, token.flow);
  if (is_dialog)
    get(at, token.session);
  if (token.flow.node == node && token.incarnation != incarnation)
    return fail(is_dialog ? token_error::former_dialog : token_error::former_path);
  return token;
}

} // namespace sallyport::sip
