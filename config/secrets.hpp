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

/// The text of a secret that signs passwords for relays, without the end of its line: web applications take the text
/// itself for the key, so it is not decoded. One line of at least `secret_bytes_min` characters.
[[nodiscard]] result<std::string, std::string> read_turn_secret(const secret_source& from, const surroundings& around);

} // namespace sallyport::config
