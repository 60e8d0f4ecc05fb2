#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/result.hpp"

namespace sallyport::config {

inline constexpr std::size_t turn_users_max = 10'000;
inline constexpr std::size_t turn_name_bytes_max = 508; ///< RFC 8489, 14.3: fewer than 509.

/// Who may ask for relays by name. The password is nowhere: `key` is what it leaves behind.
struct turn_user {
  std::string name;
  std::array<std::uint8_t, 16> key{}; ///< MD5(name ":" realm ":" password), RFC 8489, 9.2.2.
  std::string identity;               ///< Whose relays they are, for quotas; empty: those of `name`.
  friend bool operator==(const turn_user&, const turn_user&) = default;
};

/// What is wrong with a line, counted from 1. Shows nothing that stands where a key should.
struct turn_users_problem {
  std::size_t line = 0;
  std::string message;
  friend bool operator==(const turn_users_problem&, const turn_users_problem&) = default;
};

/// Reads the file of `av.users`: `name:key[:identity]` a line, the key in 32 hexadecimal digits. Empty lines and lines
/// that begin with '#' are skipped. All that is wrong is told at once; past `turn_users_max` users nothing more is
/// read.
[[nodiscard]] result<std::vector<turn_user>, std::vector<turn_users_problem>> parse_turn_users(std::string_view text);

} // namespace sallyport::config
