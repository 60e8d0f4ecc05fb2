#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "net/core/address.hpp"
#include "net/core/time.hpp"
#include "net/stun/integrity.hpp"
#include "net/stun/message_view.hpp"
#include "net/turn/reservation_token.hpp"

namespace sallyport::turn {

/// What the response to a request takes from it: its names, what it is signed with, and FINGERPRINT if it had one.
struct reply_terms {
  stun::method which = stun::method::binding;
  stun::transaction_id transaction{};
  bool has_fingerprint = false;
  stun::integrity how = stun::integrity::none;
  stun::long_term_key key{};
};

[[nodiscard]] reply_terms terms_of(const stun::message_view& request);

// Each writes one response into the room and returns its bytes, which point into it.

// Those that are not signed go to whoever says where he is: they are short, so that a forged source gains little.

/// 401 and 438: realm and nonce (RFC 8489, 9.2.4), neither signature nor FINGERPRINT nor SOFTWARE, and no phrase.
[[nodiscard]] std::span<const std::byte> write_challenge(std::span<std::byte> room, const reply_terms& terms,
                                                         unsigned code, std::string_view realm, std::string_view nonce);
/// How long it is: 64 for a realm of 12 characters.
[[nodiscard]] std::size_t challenge_bytes(std::string_view realm) noexcept;

/// `unknown` is for 420 (RFC 8489, 6.3.1). Only a signed one has its phrase, which may be empty (14.8).
[[nodiscard]] std::span<const std::byte> write_error(std::span<std::byte> room, const reply_terms& terms, unsigned code,
                                                     std::span<const std::uint16_t> unknown = {});

[[nodiscard]] std::span<const std::byte> write_bound(std::span<std::byte> room, const reply_terms& terms,
                                                     const endpoint& client);

struct allocated {
  endpoint relayed; ///< As announced.
  endpoint client;
  seconds lifetime{0};
  std::optional<reservation_token> token;
  bool lacks_additional_family = false; ///< The second address asked for is of a family that there is none of.
};
/// RFC 8656, 7.2
[[nodiscard]] std::span<const std::byte> write_allocated(std::span<std::byte> room, const reply_terms& terms,
                                                         const allocated& what);
/// RFC 8656, 8.2
[[nodiscard]] std::span<const std::byte> write_refreshed(std::span<std::byte> room, const reply_terms& terms,
                                                         seconds lifetime);
/// CreatePermission's and ChannelBind's success, which carry nothing (RFC 8656, 10.2 and 12.2).
[[nodiscard]] std::span<const std::byte> write_success(std::span<std::byte> room, const reply_terms& terms);

} // namespace sallyport::turn
