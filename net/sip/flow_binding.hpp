#pragma once
#include "net/core/keyed_hash.hpp"
#include "net/sip/arrival.hpp"
#include "net/sip/request_facts.hpp"

namespace sallyport::sip {

/// Which client of which user a REGISTER is of: the same number on every node and every connection that it comes by, so
/// that a token can say whose a flow was when the flow is gone. A hash of the address-of-record and of what its first
/// Contact calls the client, as written there: +sip.instance and reg-id (RFC 5626, 4.1 and 4.2), or without an instance
/// the URI. 0 where it names no client: a query, a `*`, what cannot be read.
[[nodiscard]] binding_id flow_binding(const message_view& registration, const party& to, const keyed_hash& key);

} // namespace sallyport::sip
