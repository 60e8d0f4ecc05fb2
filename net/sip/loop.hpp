#pragma once
#include "net/core/keyed_hash.hpp"
#include "net/sip/branch.hpp"
#include "net/sip/message_view.hpp"

namespace sallyport::sip {

struct edge_identity;

/// A keyed hash over what decides where we send a request: Request-URI, Route, To tag, From tag, Call-ID, CSeq number,
/// Proxy-Require, Proxy-Authorization. The method is left out, and so is the top Via: a request that comes round
/// through another proxy has that proxy's Via on top, and still has to be known (RFC 5393, 4.2.1).
[[nodiscard]] loop_hash hash_for_loops(const message_view& request, std::string_view from_tag, std::string_view to_tag,
                                       const keyed_hash& key);

/// True if a Via of ours says that we forwarded this same request before, unchanged (RFC 3261, 16.3 step 4). A request
/// that comes back with another Request-URI or Route is a spiral, and welcome.
[[nodiscard]] bool is_looped(const message_view& request, std::string_view from_tag, std::string_view to_tag,
                             const edge_identity& identity, const keyed_hash& key);

} // namespace sallyport::sip
