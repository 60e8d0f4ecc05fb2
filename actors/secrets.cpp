#include "actors/secrets.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "net/core/big_endian.hpp"
#include "net/core/key_ring.hpp"

namespace sallyport::actors {
namespace {

// Every use of the pool's secrets, by its label; `key_ring` has one more, for the ids of the keys. A label is for one
// use and for good: under another one, what was made before (a Path in the registrar, the Routes of a dialog, a nonce)
// would be a forgery.
namespace label {
constexpr std::string_view route_token = "sallyport route token";   ///< Authenticates Path and Record-Route tokens.
constexpr std::string_view loop_hash = "sallyport loop hash";       ///< Loop hashes in branches, To tags made here.
constexpr std::string_view flow_binding = "sallyport flow binding"; ///< Names registered clients in tokens.
constexpr std::string_view trace_id = "sallyport trace id";     ///< Names a call or request in logs, by its Call-ID.
constexpr std::string_view turn_nonce = "sallyport turn nonce"; ///< Authenticates the nonces of STUN and TURN.
} // namespace label

std::shared_ptr<const keyed_hash> hash_of(const named_key& key) {
  return std::make_shared<const keyed_hash>(key.key);
}

siphash siphash_of(const named_key& key) {
  return {.key_low = big_endian_at<std::uint64_t>(key.key.bytes().data()),
          .key_high = big_endian_at<std::uint64_t>(key.key.bytes().data() + sizeof(std::uint64_t))};
}

void draw(void* into, std::size_t bytes) {
  if (RAND_bytes(static_cast<unsigned char*>(into), static_cast<int>(bytes)) != 1)
    throw std::runtime_error{"no random bits"};
}

} // namespace

result<pool_keys, std::string> derive_pool_keys(const std::vector<std::string>& secrets) {
  const auto ring = key_ring::make(secrets);
  if (!ring)
    return fail(ring.error());
  const auto nonces = ring->derive(label::turn_nonce);
  return pool_keys{.tokens = std::make_shared<const sip::token_keys>(ring->derive(label::route_token)),
                   .loops = hash_of(ring->derive(label::loop_hash).current),
                   .bindings = hash_of(ring->derive(label::flow_binding).current),
                   .traces = siphash_of(ring->derive(label::trace_id).current),
                   .nonces = hash_of(nonces.current),
                   .former_nonces = nonces.former ? hash_of(*nonces.former) : nullptr};
}

std::string make_ephemeral_secret() {
  std::string secret(secret_key::size_bytes, '\0');
  draw(secret.data(), secret.size());
  return secret;
}

siphash make_table_hash() {
  siphash hash;
  draw(&hash.key_low, sizeof hash.key_low);
  draw(&hash.key_high, sizeof hash.key_high);
  return hash;
}

} // namespace sallyport::actors
