#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/core/keyed_hash.hpp"
#include "net/core/result.hpp"

namespace sallyport {

/// A key, and the number by which what was made with it names it.
struct named_key {
  std::uint8_t id = 0;
  secret_key key;
};

/// The keys of one use. While a secret is replaced there are two, of different ids: new things are made with the
/// current one, and what the former one made is still good.
struct live_keys {
  named_key current;
  std::optional<named_key> former;
};

/// The secrets of a pool, and the one way in which keys are made of them: each use has a label, and by it a key of its
/// own (HMAC-SHA256, as RFC 5869's expand step), so that what one use shows says nothing about another.
class key_ring {
public:
  /// `secrets`: the current one, and the former one while there are two. The error is a sentence for the operator and
  /// shows no secret.
  [[nodiscard]] static result<key_ring, std::string> make(std::span<const std::string> secrets);

  /// The same secret and label make the same key on every node and in every build.
  [[nodiscard]] live_keys derive(std::string_view label) const;

private:
  struct root {
    std::uint8_t id; ///< Tells two live secrets apart; derived too, so that every node of a pool gives the same.
    keyed_hash hash;
  };
  [[nodiscard]] static root root_of(const std::string& secret);
  explicit key_ring(root current) : current_{std::move(current)} {}

  root current_;
  std::optional<root> former_;
};

} // namespace sallyport
