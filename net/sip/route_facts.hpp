#pragma once
#include <optional>

#include "net/sip/edge_identity.hpp"
#include "net/sip/route_token.hpp"
#include "net/sip/text_place.hpp"
#include "net/sip/uri.hpp"

namespace sallyport::sip {

/// What the Route of a request says to us, and what of it goes before the request is forwarded (RFC 3261, 16.4).
struct route_facts {
  std::uint8_t popped = 0;         ///< Own values on top of the Route: a double Record-Route, a preloaded one.
  bool is_strict = false;          ///< A strict router put us into the Request-URI: the last Route value replaces it.
  text_place request_uri;          ///< That last value's URI; empty unless `is_strict`.
  bool has_foreign_next = false;   ///< A Route value of somebody else follows.
  bool is_next_strict = false;     ///< That next one is a strict router's.
  bool is_addressed_to_us = false; ///< The Request-URI (after repair) names us, with no user part: we are its target.
  std::optional<result<route_token, token_error>> token; ///< Unset: no own value on top of the Route.

  /// Null unless it is genuine; its flow may be gone.
  [[nodiscard]] const route_token* valid_token() const noexcept { return token && *token ? &**token : nullptr; }
};

/// Reads the Route of a request, each value once. `target` is its Request-URI, read; nothing where that could not be.
/// Fails with the first value that does not parse (RFC 3261, 16.3 step 1).
[[nodiscard]] result<route_facts, parse_error> read_routes(const message_view& request, const uri* target,
                                                           const edge_identity& identity, const token_keys& keys);

} // namespace sallyport::sip
