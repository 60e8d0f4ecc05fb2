#pragma once
#include <cstddef>
#include <string>

#include "config/model.hpp"
#include "config/surroundings.hpp"

namespace sallyport::config {

inline constexpr std::size_t secret_bytes_min = 32;

/// The bytes of a secret, from its file or variable: base64 text (`openssl rand -base64 48`) in both. The error says
/// what is wrong and never shows a byte of it.
[[nodiscard]] result<std::string, std::string> read_secret(const secret_source& from, const surroundings& around);

} // namespace sallyport::config
