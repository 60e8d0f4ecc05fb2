#include "net/core/key_ring.hpp"

#include <openssl/sha.h>

#include <utility>

namespace sallyport {
namespace {

/// Of the whole secret, whatever its length.
keyed_hash hash_of(const std::string& secret) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest.data());
  return keyed_hash{secret_key{digest}};
}

} // namespace

key_ring::root key_ring::root_of(const std::string& secret) {
  auto hash = hash_of(secret);
  const auto id = hash.digest({"sallyport token key id"})[0];
  return {id, std::move(hash)};
}

result<key_ring, std::string> key_ring::make(std::span<const std::string> secrets) {
  key_ring made{root_of(secrets.front())};
  if (secrets.size() == 1)
    return made;
  made.former_ = root_of(secrets[1]);
  if (made.former_->id == made.current_.id)
    return fail(std::string{"the two secrets have the same key id (one pair in 256 does): make another new one"});
  return made;
}

live_keys key_ring::derive(std::string_view label) const {
  const auto key_of = [label](const root& from) {
    return named_key{.id = from.id, .key = secret_key{from.hash.digest({label})}};
  };
  return {.current = key_of(current_), .former = former_ ? std::optional{key_of(*former_)} : std::nullopt};
}

} // namespace sallyport
