#pragma once
#include <variant>

#include "net/sip/session.hpp"

namespace sallyport::sip {

/// The actor of a session is gone, whatever the reason; its lane tells the others.
struct session_gone {
  session_id session;
};

/// An event for a session of the lane that this goes to.
struct relayed_event {
  session_id session;
  session_event event;
};

/// A request, or an ACK, that needs a session on the lane that this goes to: that of its client's flow.
struct session_wanted {
  std::variant<request_received, ack_received> first;
};

/// The answer to a `session_wanted` with a request: who works for its server transaction now. Comes before any
/// response.
struct session_assigned {
  transaction_id server;
  session_id session;
};

/// An order of a session that concerns a flow or a transaction of the lane that this goes to.
struct relayed_order {
  session_id session; ///< Empty: there is none, and nobody waits to hear of it.
  sip::order order;
};

/// A response that came in on another lane, and whose branch names a session of the lane that this goes to.
struct relayed_response {
  arrival from;
  message response;
};

/// What the lanes of a node say to each other.
using lane_order =
  std::variant<session_gone, relayed_event, session_wanted, session_assigned, relayed_order, relayed_response>;

/// Of the messages, and of what is to be sent, that it brings.
[[nodiscard]] std::size_t bytes_of(const lane_order& order) noexcept;

/// The number of the request that this event is the end of; nothing if it ends none.
[[nodiscard]] std::optional<std::uint32_t> answered_request(const session_event& event);

/// What may be dropped when an actor or a lane is behind: nobody waits for it, it comes again, or whoever waits can be
/// told. All else is bounded by the sessions and transactions there are, and arrives.
[[nodiscard]] bool is_expendable(const session_event& event);
[[nodiscard]] bool is_expendable(const lane_order& order);

} // namespace sallyport::sip
