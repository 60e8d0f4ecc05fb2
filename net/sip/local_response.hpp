#pragma once
#include <string>
#include <string_view>

#include "net/core/siphash.hpp"
#include "net/sip/arrival.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {

/// The top Via as the receiver of a request has to complete it (RFC 3261, 18.2.1; RFC 3581, 4): `received` where the
/// sent-by is not the source address or rport asks for it, and the value of rport. Empty if it stands as it is.
[[nodiscard]] std::string stamp_via(std::string_view via_value, const endpoint& source);

/// An answer made here: `write_response` with the top Via stamped. An empty `to_tag` writes none.
[[nodiscard]] std::string write_local_response(const message_view& request, const arrival& from, unsigned status,
                                               std::string_view reason, std::string_view to_tag,
                                               std::span<const header_text> extra = {});

/// The To tag of answers made here: a keyed hash of what stays the same in retransmissions, so that a stateless answer
/// given twice has one tag (RFC 3261, 8.2.7).
[[nodiscard]] std::string local_tag(const message_view& request, const siphash& hash);

} // namespace sallyport::sip
