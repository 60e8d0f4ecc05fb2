#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls/openssl.hpp"

namespace sallyport::tls {

/// The text of a file of at most 1 MiB; nothing when it cannot be read or is longer.
[[nodiscard]] std::optional<std::string> read_pem_file(const std::filesystem::path& file);

/// Every certificate in `pem`, in order; nothing when there is none or one is broken. Other blocks are skipped.
[[nodiscard]] std::vector<std::shared_ptr<X509>> parse_certificates(std::string_view pem);

/// The first private key in `pem`; null when there is none, or it is encrypted.
[[nodiscard]] key_ptr parse_private_key(std::string_view pem);

[[nodiscard]] std::string certificate_pem(X509& certificate);
[[nodiscard]] std::string private_key_pem(EVP_PKEY& key);

} // namespace sallyport::tls
