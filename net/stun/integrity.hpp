#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "net/stun/message_view.hpp"

namespace sallyport::stun {

/// What vouches for a message: nothing, MESSAGE-INTEGRITY, or MESSAGE-INTEGRITY-SHA256 (RFC 8489, 14.5 and 14.6).
enum class integrity : std::uint8_t { none, sha1, sha256 };

/// The key of a long-term credential: MD5(username ":" realm ":" password) (RFC 8489, 9.2.2). It is a secret: who has
/// it needs no password.
using long_term_key = std::array<std::uint8_t, 16>;

/// Name, realm and password are taken as they are: preparing them (RFC 8265) is for who enters them.
[[nodiscard]] long_term_key make_long_term_key(std::string_view username, std::string_view realm,
                                               std::string_view password);

/// Which of its integrities holds under the key: MESSAGE-INTEGRITY-SHA256 where there is one, else MESSAGE-INTEGRITY;
/// none where that one does not hold or is cut, which only usages that say so allow (14.6). Takes the same time
/// wherever the two differ.
[[nodiscard]] integrity verify_integrity(const message_view& message, std::span<const std::uint8_t> key);

} // namespace sallyport::stun
