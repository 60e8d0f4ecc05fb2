#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/result.hpp"
#include "net/core/time.hpp"
#include "net/tls/identity.hpp"
#include "net/tls/openssl.hpp"

namespace sallyport::tls {

enum class certificate_fault : std::uint8_t {
  chain_unreadable, ///< The file cannot be opened.
  chain_unparsable, ///< No PEM certificate in it, or one is broken.
  key_unreadable,
  key_unparsable, ///< Encrypted keys count as unparsable: nobody is there to type the passphrase.
  key_mismatch,   ///< The key is not the leaf's.
  key_weak,       ///< RSA under 2048 bits, a curve under 256, or DSA.
  key_dear,       ///< The leaf's: `is_dear`.
  signature_weak, ///< MD5 or SHA-1 below the root.
  not_yet_valid,
  expired,
  chain_disordered, ///< A certificate is not signed by the next one in the file.
  not_for_servers,  ///< Key usage or extended key usage rule the server role out.
  not_for_clients,
  names_nobody,     ///< No name in the SAN, and none in the CN.
  development_only, ///< Made by `development_ca`: refused from a file.
  trust_unreadable,
  trust_unparsable,
};

[[nodiscard]] std::string_view to_string(certificate_fault fault) noexcept;

struct certificate_problem {
  certificate_fault fault;
  std::string text; ///< For the operator: which file, which certificate, what is wrong.
};
using certificate_problems = std::vector<certificate_problem>;

/// What a certificate must be good for.
struct certificate_uses {
  bool server = true;
  bool client = false;
  bool allow_development = false;
};

/// A chain (leaf first) and the leaf's private key, checked. Copies share the parts.
class certificate {
public:
  /// From PEM files; every problem at once.
  [[nodiscard]] static result<certificate, certificate_problems>
  load(const std::filesystem::path& chain, const std::filesystem::path& key, certificate_uses uses, wall_time now);

  /// From PEM texts. `origin` stands for the file in the problems' texts.
  [[nodiscard]] static result<certificate, certificate_problems> parse(std::string_view chain_pem,
                                                                       std::string_view key_pem, certificate_uses uses,
                                                                       wall_time now,
                                                                       std::string_view origin = "certificate");

  [[nodiscard]] X509& leaf() const noexcept { return *chain_.front(); }
  [[nodiscard]] const std::vector<std::shared_ptr<X509>>& chain() const noexcept { return chain_; }
  [[nodiscard]] EVP_PKEY& key() const noexcept { return *key_; }
  [[nodiscard]] const identity& names() const noexcept { return names_; }
  [[nodiscard]] wall_time not_after() const noexcept { return not_after_; }
  [[nodiscard]] bool is_development() const;

private:
  certificate() = default;

  std::vector<std::shared_ptr<X509>> chain_; // Leaf first; never empty.
  std::shared_ptr<EVP_PKEY> key_;
  identity names_;
  wall_time not_after_;
};

/// What one signature of a key of RSA may cost, which grows with the third power of its length to make it, and with the
/// square of it and with the exponent to verify it. OpenSSL itself takes 16384 bits.
inline constexpr int rsa_bits_max = 4096;
inline constexpr int rsa_exponent_bits_max = 64;

/// Past these: a handshake with such a key would cost what many others cost.
[[nodiscard]] bool is_dear(const EVP_PKEY& key);

/// Marked by us as made for `--dev`.
[[nodiscard]] bool is_development(const X509& certificate);

} // namespace sallyport::tls
