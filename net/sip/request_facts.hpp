#pragma once
#include <cstdint>

#include "net/sip/route_facts.hpp"
#include "net/sip/text_place.hpp"

namespace sallyport::sip {

/// A From or To as it was read. User and host are as written, and empty where the URI is no SIP URI.
struct party {
  text_place user;
  text_place host;
  text_place tag;
};

/// 64 bits of a keyed hash of the Call-ID: the same on every lane and node and in both passes of a call that comes
/// back, and it shows nothing of the Call-ID. In log lines it is 16 hexadecimal digits. 0: there was no Call-ID to be
/// read.
using trace_id = std::uint64_t;

/// What was read of a request, once, for all who ask later: policy, the transaction user and the session,
/// whichever lane they are on. Goes with the message or a copy of it.
struct request_facts {
  party from;
  party to;
  text_place target_host; ///< Of the Request-URI, as it is after the repair of `routes`; empty if it is no SIP URI.
  route_facts routes;
  trace_id trace = 0;
  std::uint64_t user =
    0; ///< Whom a session that it begins counts against: keyed hash of the flow's proved address-of-record; 0: nobody.

  [[nodiscard]] bool is_in_dialog() const noexcept { return !to.tag.empty(); } ///< RFC 3261, 12.2.
};

} // namespace sallyport::sip
