#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "net/core/address.hpp"
#include "net/core/keyed_hash.hpp"
#include "net/core/time.hpp"

namespace sallyport::turn {

/// Nonces without memory (RFC 8489, 9.2): the time of making and a keyed hash of it and of the client's address and
/// port, so that each is good for one client alone. Immutable; may be used from several threads at once. Time is wall
/// clock time, since other nodes and later runs read these.
class nonces {
public:
  /// `former` is the key before the last change, or null: what it made is still read.
  nonces(std::shared_ptr<const keyed_hash> current, std::shared_ptr<const keyed_hash> former, seconds lifetime);

  /// Base64url of 4 bytes of Unix time and 8 of HMAC-SHA256: short, for it is what an answer to anybody consists of.
  using text = std::array<char, 16>;
  [[nodiscard]] text make(const endpoint& client, std::int64_t unix_seconds) const;

  enum class state : std::uint8_t {
    fresh,
    stale,  ///< Ours and this client's, but older than the lifetime, or from more than a minute ahead.
    forged, ///< Not ours, or not this client's.
  };
  [[nodiscard]] state judge(std::string_view nonce, const endpoint& client, std::int64_t unix_seconds) const;

private:
  std::shared_ptr<const keyed_hash> current_;
  std::shared_ptr<const keyed_hash> former_;
  seconds lifetime_;
};

} // namespace sallyport::turn
