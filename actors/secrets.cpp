#include "actors/secrets.hpp"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstring>
#include <span>
#include <stdexcept>

namespace sallyport::actors {
namespace {

/// Of the whole secret, whatever its length.
secret_key key_of(const std::string& secret) {
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  ::SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), digest.data());
  return secret_key{digest};
}

secret_key derive(const std::string& secret, std::string_view label) {
  return secret_key{keyed_hash{key_of(secret)}.digest({label})};
}

sip::token_keys::named_key token_key(const std::string& secret) {
  // The id tells two live secrets apart in a token; it is derived, so that every node of a pool gives the same.
  return {.id = derive(secret, "sallyport token key id").bytes()[0], .key = derive(secret, "sallyport route token")};
}

std::shared_ptr<const keyed_hash> nonce_key(const std::string& secret) {
  return std::make_shared<const keyed_hash>(derive(secret, "sallyport turn nonce"));
}

void draw(void* into, std::size_t bytes) {
  if (RAND_bytes(static_cast<unsigned char*>(into), static_cast<int>(bytes)) != 1)
    throw std::runtime_error{"no random bits"};
}

} // namespace

result<pool_keys, std::string> derive_pool_keys(const std::vector<std::string>& secrets) {
  const auto current = token_key(secrets.front());
  auto loops = std::make_shared<const keyed_hash>(derive(secrets.front(), "sallyport loop hash"));
  auto nonces = nonce_key(secrets.front());
  if (secrets.size() == 1)
    return pool_keys{std::make_shared<const sip::token_keys>(current), std::move(loops), std::move(nonces), nullptr};
  const auto former = token_key(secrets[1]);
  if (former.id == current.id)
    return fail(std::string{"the two secrets have the same key id (one pair in 256 does): make another new one"});
  return pool_keys{std::make_shared<const sip::token_keys>(current, &former), std::move(loops), std::move(nonces),
                   nonce_key(secrets[1])};
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
