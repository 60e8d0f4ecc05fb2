#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/core/address.hpp"
#include "net/core/result.hpp"
#include "net/stun/integrity.hpp"
#include "net/stun/message_view.hpp"
#include "net/turn/credentials.hpp"
#include "net/turn/nonces.hpp"

namespace sallyport::turn {

/// A request that a user of ours signed.
struct authenticated {
  std::string_view username; ///< In the datagram.
  account who;
  stun::integrity how = stun::integrity::none; ///< What it was signed with; its answer is signed alike.

  /// Whose allocations this user's are counted among: those of the identity, or of the name where there is none.
  [[nodiscard]] std::string_view counted_as() const noexcept { return who.identity.empty() ? username : who.identity; }
};

/// Why it was not accepted. A 401 and a 438 carry the realm and a fresh nonce, a 400 neither; none is signed.
struct refusal {
  unsigned code = 0;       ///< 400, 401 or 438.
  std::string_view reason; ///< A literal, for counting.
};

/// The long-term credential mechanism of a server (RFC 8489, 9.2.4). Pure, keeps nothing of what it judges; may be used
/// from several threads at once.
class authenticator {
public:
  authenticator(std::shared_ptr<const credentials> who, std::shared_ptr<const nonces> nonce_source);

  [[nodiscard]] result<authenticated, refusal> authenticate(const stun::message_view& request, const endpoint& client,
                                                            std::int64_t unix_seconds) const;

  [[nodiscard]] const std::string& realm() const noexcept { return credentials_->realm(); }
  [[nodiscard]] nonces::text fresh_nonce(const endpoint& client, std::int64_t unix_seconds) const {
    return nonces_->make(client, unix_seconds);
  }

private:
  std::shared_ptr<const credentials> credentials_;
  std::shared_ptr<const nonces> nonces_;
};

} // namespace sallyport::turn
