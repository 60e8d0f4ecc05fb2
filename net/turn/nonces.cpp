#include "net/turn/nonces.hpp"

#include <algorithm>
#include <span>

#include "net/core/base64url.hpp"
#include "net/core/big_endian.hpp"
#include "net/core/secret.hpp"

namespace sallyport::turn {
namespace {

constexpr std::size_t time_bytes = 4;
constexpr std::size_t hash_bytes = 8;          // To guess it takes a request a try, each of which is one HMAC of ours.
constexpr std::int64_t ahead_max_seconds = 60; // What the clocks of two nodes may differ by.
static_assert(base64url_chars(time_bytes + hash_bytes) == std::tuple_size_v<nonces::text>);

using nonce_bytes = std::array<std::uint8_t, time_bytes + hash_bytes>;

template <class Bytes>
std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The nonce made at `made` for this client under this key.
nonce_bytes nonce_for(const keyed_hash& key, const endpoint& client, std::uint32_t made) {
  nonce_bytes nonce;
  std::array<std::uint8_t, 2> port;
  put_big_endian(nonce.data(), made);
  put_big_endian(port.data(), client.port);
  const auto digest = key.digest(
    {"turn nonce", text_of(std::span{nonce}.first<time_bytes>()), text_of(client.address.bytes()), text_of(port)});
  std::copy_n(digest.begin(), hash_bytes, nonce.begin() + time_bytes);
  return nonce;
}

} // namespace

nonces::nonces(std::shared_ptr<const keyed_hash> current, std::shared_ptr<const keyed_hash> former, seconds lifetime)
  : current_{std::move(current)}, former_{std::move(former)}, lifetime_{lifetime} {}

nonces::text nonces::make(const endpoint& client, std::int64_t unix_seconds) const {
  const auto encoded = base64url(nonce_for(*current_, client, static_cast<std::uint32_t>(unix_seconds)));
  text out;
  std::ranges::copy(encoded, out.begin());
  return out;
}

nonces::state nonces::judge(std::string_view nonce, const endpoint& client, std::int64_t unix_seconds) const {
  nonce_bytes shown;
  if (!read_base64url(nonce, shown))
    return state::forged;
  std::uint32_t made = 0;
  get_big_endian(shown.data(), made);
  const auto is_by = [&](const keyed_hash& key) { return equal_in_constant_time(shown, nonce_for(key, client, made)); };
  if (!is_by(*current_) && !(former_ && is_by(*former_)))
    return state::forged;

  const auto age_seconds = unix_seconds - std::int64_t{made};
  return age_seconds < -ahead_max_seconds || age_seconds > lifetime_.count() ? state::stale : state::fresh;
}

} // namespace sallyport::turn
