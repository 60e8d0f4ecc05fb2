#include "net/core/keyed_hash.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <stdexcept>

namespace sallyport {
namespace {

void require(bool is_done, const char* what) {
  if (!is_done) // OpenSSL fails here only without memory or without its default provider.
    throw std::runtime_error{what};
}

EVP_MAC_CTX* new_context() {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr, "no HMAC");
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(algorithm);
  EVP_MAC_free(algorithm); // The context holds a reference of its own.
  return context;
}

void update(EVP_MAC_CTX* context, const void* bytes, std::size_t count) {
  require(EVP_MAC_update(context, static_cast<const unsigned char*>(bytes), count) == 1, "HMAC update");
}

} // namespace

void keyed_hash::context_free::operator()(evp_mac_ctx_st* context) const noexcept {
  EVP_MAC_CTX_free(context);
}

keyed_hash::keyed_hash(const secret_key& key) : prepared_{new_context()} {
  char digest_name[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
                               OSSL_PARAM_construct_end()};
  require(prepared_ && EVP_MAC_init(prepared_.get(), key.bytes().data(), key.bytes().size(), params) == 1, "HMAC init");
}

keyed_hash::digest_bytes keyed_hash::digest(std::span<const std::string_view> parts) const {
  const context_ptr context{EVP_MAC_CTX_dup(prepared_.get())};
  require(context != nullptr, "HMAC dup");
  for (const auto part : parts) {
    const std::uint64_t length = part.size();
    const std::uint8_t prefix[] = {static_cast<std::uint8_t>(length >> 24), static_cast<std::uint8_t>(length >> 16),
                                   static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length)};
    update(context.get(), prefix, sizeof prefix);
    update(context.get(), part.data(), part.size());
  }
  digest_bytes out;
  std::size_t written = 0;
  require(EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1 && written == out.size(), "HMAC final");
  return out;
}

keyed_hash::digest_bytes keyed_hash::digest(std::initializer_list<std::string_view> parts) const {
  return digest(std::span{parts.begin(), parts.size()});
}

} // namespace sallyport
