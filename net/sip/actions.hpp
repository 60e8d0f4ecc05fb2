#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "net/sip/destination.hpp"

namespace sallyport::sip {

/// Bytes that may be sent again: a retransmission shares them and copies nothing.
using shared_bytes = std::shared_ptr<const std::string>;

/// A client transaction as its session knows it: the session's own running number of the request it sent.
struct client_key {
  session_id session;
  std::uint32_t number = 0;

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(session); }
  friend auto operator<=>(const client_key&, const client_key&) = default;
};

struct client_key_hash {
  [[nodiscard]] std::size_t operator()(const client_key& key) const noexcept {
    return lane_ref_hash{}(key.session) * 31 + key.number;
  }
};

enum class client_failure_reason : std::uint8_t {
  timed_out, ///< Timer B or F, or no final response in 64*T1 after a CANCEL.
  transport, ///< The connection failed or could not be made.
  overload   ///< Refused here: the table of client transactions is full.
};

/// Send these bytes there. `by` is set for a request, so that the sender can report its failure by
/// `client_failed`.
struct send {
  destination to;
  endpoint source; ///< Where the request came from; tells a datagram response its address. Unset for a request.
  client_key by;
  shared_bytes bytes;
  bool is_new = false; ///< A request outside any dialog: where room runs out, it is refused before all else.
};

/// Tell the session that its request has no final response and gets none.
struct client_failure {
  client_key client;
  client_failure_reason reason;
};

enum class server_end_reason : std::uint8_t {
  unacknowledged, ///< Timer H: the final response of an INVITE got no ACK.
  unanswered,     ///< A non-INVITE request found no final response in 64*T1 (RFC 4320, 4.2: silence, not 408).
  forgotten,      ///< An INVITE got no response for too long (`timer_values::forgotten_after`), and now a 500.
  transport       ///< The flow it came on is gone while it waited for its final response.
};

/// Tell the session (if one was assigned) that a server transaction ended other than by its own response.
struct server_ended {
  transaction_id transaction;
  session_id session;
  server_end_reason reason;
};

using action = std::variant<send, client_failure, server_ended>;
using actions = std::vector<action>;

} // namespace sallyport::sip
