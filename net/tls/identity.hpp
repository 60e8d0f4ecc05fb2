#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "net/core/address.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::tls {

/// Whom a certificate names. Says nothing about who signed it, but for `is_verified`.
struct identity {
  bool is_verified = false;           ///< The chain verified under the CA of the connection it was presented on.
  std::vector<std::string> dns_names; ///< SAN, lower case.
  std::vector<std::string> uris;      ///< SAN, as they stand.
  std::vector<ip_address> addresses;  ///< SAN.
  std::string common_name;
  bool has_alternative_names = false; ///< There is a SAN, readable or not: the CN names nobody then.

  /// RFC 5922, 7.1 and 7.2: `name` is the host of a SIP URI or an address. It is named by a URI SAN `sip:name` without
  /// a user part, a DNS SAN, an IP SAN, or, only where there is no such SAN, by the CN. Wildcards match nothing.
  [[nodiscard]] bool names(std::string_view name) const;
};

/// What `certificate` names; names with a NUL inside are left out.
[[nodiscard]] identity identity_of(const X509& certificate);

/// The verified identity of the peer; empty and unverified when it presented no certificate or the chain did not
/// verify.
[[nodiscard]] identity peer_identity(const SSL& connection);

} // namespace sallyport::tls
