#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/stun/integrity.hpp"

namespace sallyport::turn {

/// Who a username may be, and the key that proves it.
struct account {
  std::string identity; ///< Empty for a static user without one.
  stun::long_term_key key{};
};

/// A user of the configuration. The password is not kept: `key` is MD5(name ":" realm ":" password).
struct static_user {
  std::string name;
  stun::long_term_key key{};
  std::string identity; ///< May be empty.
};

/// The accounts that a username names: none when it is unknown, two while two secrets are live.
class candidates {
public:
  static constexpr std::size_t count_max = 2;

  void add(account one) { accounts_.at(count_++) = std::move(one); }
  [[nodiscard]] std::span<const account> view() const noexcept { return std::span{accounts_}.first(count_); }

private:
  std::array<account, count_max> accounts_;
  std::size_t count_ = 0;
};

/// Who may relay: users of the configuration, and holders of ephemeral credentials `expiry:identity`, whose password is
/// base64(HMAC-SHA1(secret, username)) (draft-uberti-behave-turn-rest, 2.2; what other servers call a shared secret).
/// Names are compared byte for byte. Immutable; may be used from several threads at once.
class credentials {
public:
  static constexpr std::size_t username_bytes_max = 508; ///< RFC 8489, 14.3: fewer than 509 bytes.
  static constexpr std::size_t secrets_max = candidates::count_max;

  /// The names of `users` differ. `ephemeral_secrets` are texts, none empty, at most two: the current and the former.
  credentials(std::string realm, std::vector<static_user> users, std::vector<std::string> ephemeral_secrets);

  /// The static user of that name, else the ephemeral one if its expiry is not past.
  [[nodiscard]] candidates find(std::string_view username, std::int64_t unix_seconds) const;
  [[nodiscard]] const std::string& realm() const noexcept { return realm_; }

private:
  std::string realm_;
  std::vector<static_user> users_; // By name.
  std::vector<std::string> secrets_;
};

} // namespace sallyport::turn
