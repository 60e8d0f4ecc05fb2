#pragma once
#include <cstdint>
#include <variant>

#include "net/sip/actions.hpp"

namespace sallyport::sip {

/// What the transaction layer made of a request. The messages that it asks to send are among its actions.
struct new_request { ///< For the transaction user, who owes a response.
  transaction_id transaction;
};
struct ack_to_2xx { ///< For the transaction user: it belongs to no transaction and gets no response.
};
struct cancel_matched { ///< The CANCEL has its 200. `session` is empty if none was assigned yet.
  transaction_id transaction;
  session_id session;
};
struct request_absorbed { ///< A retransmission, or the ACK of a refusal.
};
enum class request_refusal : std::uint8_t {
  overload,   ///< A limit; got a 503 with Retry-After (an ACK: nothing).
  unproved,   ///< Its flow, which nobody has proved, has as many as such a one may; likewise.
  unwanted,   ///< Nobody would work for it; likewise.
  unmatched,  ///< A CANCEL that matches nothing; got a 481.
  unmatchable ///< Nothing to match by; dropped.
};
using request_verdict = std::variant<new_request, ack_to_2xx, cancel_matched, request_absorbed, request_refusal>;

/// What the transaction layer made of a response.
struct response_delivered { ///< For this session's request of this number. Every 2xx of an INVITE comes through.
  client_key client;
  bool is_final;
};
struct response_absorbed {};
struct response_stray {};   ///< Matches nothing; drop it.
struct response_elsewhere { ///< Its branch names a session of another lane (or node): hand it over there.
  session_id session;
};
using response_verdict = std::variant<response_delivered, response_absorbed, response_stray, response_elsewhere>;

} // namespace sallyport::sip
