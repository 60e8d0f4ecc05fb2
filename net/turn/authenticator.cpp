#include "net/turn/authenticator.hpp"

#include <optional>
#include <span>
#include <utility>

namespace sallyport::turn {
namespace {

using stun::attribute;

std::optional<std::string_view> text_of(const stun::message_view& request, attribute type) noexcept {
  const auto value = request.find(type);
  if (!value)
    return std::nullopt;
  return std::string_view{reinterpret_cast<const char*>(value->data()), value->size()};
}

result<authenticated, refusal> refuse(unsigned code, std::string_view reason) {
  return fail(refusal{.code = code, .reason = reason});
}

} // namespace

authenticator::authenticator(std::shared_ptr<const credentials> who, std::shared_ptr<const nonces> nonce_source)
  : credentials_{std::move(who)}, nonces_{std::move(nonce_source)} {}

// The checks in the order of RFC 8489, 9.2.4: the nonce comes last, so only who knows a password learns that it is
// stale.
result<authenticated, refusal> authenticator::authenticate(const stun::message_view& request, const endpoint& client,
                                                           std::int64_t unix_seconds) const {
  if (!request.has_integrity() && !request.has_integrity_sha256())
    return refuse(401, "no_integrity");

  const auto username = text_of(request, attribute::username);
  const auto realm = text_of(request, attribute::realm);
  const auto nonce = text_of(request, attribute::nonce);
  if ((!username && !request.find(attribute::userhash)) || !realm || !nonce)
    return refuse(400, "incomplete_credentials");

  // Our nonces do not offer anonymity, so a USERHASH is the name of nobody.
  const auto found = username ? credentials_->find(*username, unix_seconds) : candidates{};
  if (found.view().empty())
    return refuse(401, "unknown_user");
  if (*realm != credentials_->realm())
    return refuse(401, "foreign_realm"); // Its integrity is that of another credential.

  for (const auto& who : found.view()) {
    const auto how = stun::verify_integrity(request, who.key);
    if (how == stun::integrity::none)
      continue;
    switch (nonces_->judge(*nonce, client, unix_seconds)) {
    case nonces::state::fresh:
      return authenticated{.username = *username, .who = who, .how = how};
    case nonces::state::stale:
      return refuse(438, "stale_nonce");
    case nonces::state::forged:
      return refuse(438, "forged_nonce");
    }
  }
  return refuse(401, "wrong_integrity");
}

} // namespace sallyport::turn
