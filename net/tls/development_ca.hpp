#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "net/tls/certificate.hpp"
#include "net/tls/openssl.hpp"
#include "net/tls/trust.hpp"

namespace sallyport::tls {

enum class development_key : std::uint8_t { p256, rsa_2048, rsa_1024 };

/// What a development certificate should say. The defaults make a good one; tests ask for bad ones.
struct development_request {
  std::vector<std::string> names = {}; ///< SAN: an address, a URI (with ':'), or a DNS name.
  std::string common_name = {};        ///< "" leaves the CN out.
  bool for_servers = true;             ///< Extended key usage.
  bool for_clients = true;
  std::chrono::seconds valid_from{-3600}; ///< Relative to now.
  std::chrono::seconds valid_for{30 * 86400};
  development_key key = development_key::p256;
  bool is_marked = true; ///< O="Sallyport development only"; tests leave it out.
};

struct pem_pair {
  std::string chain; ///< Leaf only: the CA is its direct issuer.
  std::string key;
};

/// A CA that lives in memory and signs certificates for `--dev` and for tests. `certificate::load` refuses what it made
/// unless asked not to.
class development_ca {
public:
  /// Makes the CA's P-256 key. Throws std::runtime_error when OpenSSL refuses.
  development_ca();

  [[nodiscard]] pem_pair issue(const development_request& request) const;
  /// The same, loaded: throws std::runtime_error when the request asks for a bad one.
  [[nodiscard]] certificate make(const development_request& request) const;

  [[nodiscard]] std::string pem() const; ///< The CA's own certificate.
  [[nodiscard]] trust as_trust() const;

private:
  key_ptr key_;
  x509_ptr certificate_;
};

} // namespace sallyport::tls
