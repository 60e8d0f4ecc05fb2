#include "net/core/secret.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace sallyport {

secret_key::secret_key(std::span<const std::uint8_t, size_bytes> bytes) noexcept {
  std::ranges::copy(bytes, bytes_.begin());
}

secret_key::~secret_key() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size()); // Not a plain fill, which a compiler may leave out as dead.
}

bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace sallyport
