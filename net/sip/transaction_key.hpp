#pragma once
#include <string>

#include "net/sip/arrival.hpp"
#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// Writes into `key` what all messages of one server transaction share (RFC 3261, 17.2.3), as if the request's method
/// were `as`: "INVITE" finds the transaction that an ACK or a CANCEL belongs to. False without a readable top Via.
///
/// With the magic cookie that is branch, sent-by and method; without it (RFC 2543) Request-URI, From tag, Call-ID, CSeq
/// number, top Via and method. The To tag is left out, as the ACK has it and its INVITE has not. Beyond the RFC the
/// side counts, and outside the source address too: nobody else may cancel a call by repeating its branch.
[[nodiscard]] bool write_server_key(std::string& key, const arrival& from, const message_view& request,
                                    std::string_view as);

} // namespace sallyport::sip
