#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/keyed_hash.hpp"
#include "net/core/result.hpp"
#include "net/core/siphash.hpp"
#include "net/sip/route_token.hpp"

namespace sallyport::actors {

/// The keys that the pool's secrets stand for.
struct pool_keys {
  std::shared_ptr<const sip::token_keys> tokens;   ///< The first secret signs, both verify.
  std::shared_ptr<const keyed_hash> loops;         ///< Of the first secret.
  std::shared_ptr<const keyed_hash> bindings;      ///< Of the first secret: names registered clients in tokens.
  siphash traces;                                  ///< Of the first secret: names calls in logs.
  std::shared_ptr<const keyed_hash> nonces;        ///< Of the first secret: makes TURN nonces and verifies them.
  std::shared_ptr<const keyed_hash> former_nonces; ///< Of the second: verifies only. Null with one secret.
};

/// `secrets`: one or two, of at least 32 bytes each. The error is a sentence for the operator and shows no secret.
[[nodiscard]] result<pool_keys, std::string> derive_pool_keys(const std::vector<std::string>& secrets);

/// 32 bytes of this process alone, fresh at each start: what a secret is where nothing has to outlive the process.
[[nodiscard]] std::string make_ephemeral_secret();

/// Keys a table that anybody can fill; of this process alone.
[[nodiscard]] siphash make_table_hash();

} // namespace sallyport::actors
