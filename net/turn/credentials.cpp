#include "net/turn/credentials.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net/stun/hmac.hpp"

namespace sallyport::turn {
namespace {

struct ephemeral_name {
  std::uint64_t expiry_unix_seconds = 0;
  std::string_view identity;
};

/// Reads `1*DIGIT ":" 1*OCTET`. Without an identity there is nobody to count allocations for.
std::optional<ephemeral_name> parse_ephemeral(std::string_view username) noexcept {
  const auto colon = username.find(':');
  if (colon == std::string_view::npos || colon + 1 == username.size())
    return std::nullopt;
  ephemeral_name name{.identity = username.substr(colon + 1)};
  const char* const digits_end = username.data() + colon;
  const auto [end, error] = std::from_chars(username.data(), digits_end, name.expiry_unix_seconds);
  if (error != std::errc{} || end != digits_end)
    return std::nullopt;
  return name;
}

std::string ephemeral_password(std::string_view secret, std::string_view username) {
  const auto mac = stun::hmac_sha1({reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size()},
                                   {std::as_bytes(std::span{username})});
  std::array<unsigned char, 29> encoded{}; // 28 characters and a NUL.
  const int chars = EVP_EncodeBlock(encoded.data(), mac.data(), static_cast<int>(mac.size()));
  return {encoded.begin(), encoded.begin() + chars};
}

} // namespace

credentials::credentials(std::string realm, std::vector<static_user> users, std::vector<std::string> ephemeral_secrets)
  : realm_{std::move(realm)}, users_{std::move(users)}, secrets_{std::move(ephemeral_secrets)} {
  if (secrets_.size() > secrets_max || std::ranges::any_of(secrets_, &std::string::empty))
    throw std::invalid_argument{"TURN secrets: at most two, none empty"};
  std::ranges::sort(users_, {}, &static_user::name);
}

candidates credentials::find(std::string_view username, std::int64_t unix_seconds) const {
  candidates found;
  if (username.size() > username_bytes_max)
    return found;

  const auto user = std::ranges::lower_bound(users_, username, std::less<>{}, &static_user::name);
  if (user != users_.end() && user->name == username) {
    found.add({.identity = user->identity, .key = user->key});
    return found;
  }

  const auto ephemeral = parse_ephemeral(username);
  if (!ephemeral || std::cmp_less(ephemeral->expiry_unix_seconds, unix_seconds))
    return found;
  for (const auto& secret : secrets_)
    found.add({.identity = std::string{ephemeral->identity},
               .key = stun::make_long_term_key(username, realm_, ephemeral_password(secret, username))});
  return found;
}

} // namespace sallyport::turn
