#pragma once
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "net/core/result.hpp"
#include "net/tls/certificate.hpp"

namespace sallyport::tls {

/// The CA certificates that peers' chains must lead to. Copies share them.
class trust {
public:
  /// From a PEM file of one or more CA certificates.
  [[nodiscard]] static result<trust, certificate_problems> load(const std::filesystem::path& file);
  [[nodiscard]] static result<trust, certificate_problems> parse(std::string_view pem, std::string_view origin = "CA");
  /// The system's own CA certificates (OpenSSL's default paths).
  [[nodiscard]] static trust system();

  [[nodiscard]] X509_STORE& store() const noexcept { return *store_; }
  [[nodiscard]] const std::vector<std::shared_ptr<X509>>& certificates() const noexcept { return certificates_; }

private:
  trust();

  std::shared_ptr<X509_STORE> store_;
  std::vector<std::shared_ptr<X509>> certificates_; // Empty for the system's.
};

} // namespace sallyport::tls
