#include "net/stun/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>

namespace sallyport::stun {
namespace {

struct context_free {
  void operator()(EVP_MAC_CTX* context) const noexcept { EVP_MAC_CTX_free(context); }
};
using context_ptr = std::unique_ptr<EVP_MAC_CTX, context_free>;

void require(bool is_done, const char* what) {
  if (!is_done) // OpenSSL fails here only without memory or without its default provider.
    throw std::runtime_error{what};
}

/// A context without a key: fetching an algorithm takes locks, duplicating what was fetched does not.
context_ptr prepare(const char* digest) {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr, "no HMAC");
  context_ptr context{EVP_MAC_CTX_new(algorithm)};
  EVP_MAC_free(algorithm); // The context holds a reference of its own.
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
                               OSSL_PARAM_construct_end()};
  require(context && EVP_MAC_CTX_set_params(context.get(), params) == 1, "HMAC digest");
  return context;
}

void digest(const EVP_MAC_CTX* prepared, std::span<const std::uint8_t> key,
            std::initializer_list<std::span<const std::byte>> parts, std::span<std::uint8_t> out) {
  constexpr std::uint8_t no_key{}; // A null key would mean: the one set before.
  const context_ptr context{EVP_MAC_CTX_dup(prepared)};
  require(context && EVP_MAC_init(context.get(), key.empty() ? &no_key : key.data(), key.size(), nullptr) == 1,
          "HMAC init");
  for (const auto part : parts)
    require(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) == 1,
            "HMAC update");
  std::size_t written = 0;
  require(EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1 && written == out.size(), "HMAC final");
}

} // namespace

std::array<std::uint8_t, 20> hmac_sha1(std::span<const std::uint8_t> key,
                                       std::initializer_list<std::span<const std::byte>> parts) {
  static const context_ptr prepared = prepare("SHA1");
  std::array<std::uint8_t, 20> out;
  digest(prepared.get(), key, parts, out);
  return out;
}

std::array<std::uint8_t, 32> hmac_sha256(std::span<const std::uint8_t> key,
                                         std::initializer_list<std::span<const std::byte>> parts) {
  static const context_ptr prepared = prepare("SHA256");
  std::array<std::uint8_t, 32> out;
  digest(prepared.get(), key, parts, out);
  return out;
}

} // namespace sallyport::stun
