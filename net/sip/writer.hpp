#pragma once
#include <span>
#include <string>
#include <string_view>

#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// A header line to be written: name and value, neither with CR or LF.
struct header_text {
  std::string_view name;
  std::string_view value;
};

/// An answer of ours (RFC 3261, 8.2.6): all Via, From, To, Call-ID and CSeq as the request has them, `to_tag` where To
/// has no tag and the status is above 100, Timestamp in a 100, then `extra`, then Content-Length: 0. What the request
/// lacks is left out, so that a request that failed to parse can still be refused. An empty `reason` means the default
/// one. The top Via is copied as it stands: whoever received the request has put `received` and `rport` into it
/// (18.2.1).
[[nodiscard]] std::string write_response(const message_view& request, unsigned status, std::string_view reason,
                                         std::string_view to_tag, std::span<const header_text> extra = {});

/// The CANCEL for a request as it was sent (RFC 3261, 9.1): its Request-URI, top Via, Route, From, To, Call-ID and CSeq
/// number. Nothing else of it.
[[nodiscard]] std::string write_cancel(const message_view& sent_request);

/// The ACK for a response of 300 and above to an INVITE as it was sent (RFC 3261, 17.1.1.3): as CANCEL, but To is the
/// response's.
[[nodiscard]] std::string write_ack(const message_view& sent_invite, const message_view& response);

/// The phrase the RFCs give to a status; that of the class (x00) for a status without one.
[[nodiscard]] std::string_view default_reason(unsigned status) noexcept;

} // namespace sallyport::sip
