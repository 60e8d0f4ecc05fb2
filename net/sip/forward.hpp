#pragma once
#include <string>
#include <string_view>

#include "net/sip/arrival.hpp"
#include "net/sip/edge_identity.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/route_facts.hpp"

namespace sallyport::sip {

/// What is decided about a request before it is written.
struct forward_plan {
  side toward = side::inside;    ///< The side it leaves by.
  std::string_view branch;       ///< Of our new Via.
  std::string_view record_token; ///< Record-Route on both sides with this token; empty: none.
  std::string_view path_token;   ///< Path with this token; empty: none.
};

/// RFC 3261, 16.6 for one target: the request as it leaves. Max-Forwards, Route, Record-Route, Path, Via, the received
/// and rport of the Via below (RFC 3581), Max-Breadth; identity headers of outside requests go (RFC 3325, 6). All else,
/// signed headers above all, keeps its bytes.
[[nodiscard]] std::string forward_request(const message_view& request, const edge_identity& identity,
                                          const arrival& from, const route_facts& routes, const forward_plan& plan);

/// RFC 3261, 16.7 steps 3 and 9: the response as it leaves, without our Via. `status` is what it leaves with: 500 for a
/// 503 (16.7 step 6), whose Retry-After goes.
struct forwarded_response {
  unsigned status;
  std::string bytes;
};
[[nodiscard]] forwarded_response forward_response(const message_view& response, side from);

/// Methods whose success makes a dialog and so get a Record-Route: INVITE, SUBSCRIBE, REFER, NOTIFY (RFC 3261, 12;
/// RFC 6665, 4.2.1).
[[nodiscard]] bool is_dialog_forming(method kind) noexcept;

} // namespace sallyport::sip
