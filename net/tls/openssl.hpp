#pragma once
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace sallyport::tls {

template <auto Free>
struct openssl_delete {
  template <class Object>
  void operator()(Object* object) const noexcept {
    Free(object);
  }
};

// Owning pointers to OpenSSL's objects.
using ssl_ptr = std::unique_ptr<SSL, openssl_delete<SSL_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_delete<SSL_CTX_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_delete<X509_free>>;
using x509_store_ptr = std::unique_ptr<X509_STORE, openssl_delete<X509_STORE_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_delete<EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, openssl_delete<BIO_free_all>>;

/// Takes this thread's OpenSSL errors off their queue: the oldest as text, "" if there is none.
[[nodiscard]] std::string take_errors();

} // namespace sallyport::tls
