#pragma once
#include <optional>
#include <variant>

#include "net/core/time.hpp"
#include "net/sip/session.hpp"

namespace sallyport::actors {

/// A session's answer to one event: what to carry out, when to wake it next, and whether it is done.
struct session_outcome {
  sip::session_id session;
  sip::session_answer answer;
  std::optional<time_point> next_deadline;
  bool has_ended = false;
};

/// The actor of a session is gone, whatever the reason.
struct session_gone {
  sip::session_id session;
};

/// From another lane: an event for a session of this one.
struct relayed_event {
  sip::session_id session;
  sip::session_event event;
};

/// Back from another lane: a request of this one, relayed there for a session that is gone. Its token has to do.
struct returned_request {
  sip::request_received request;
};

/// From another lane: an order of its session that concerns a flow or a transaction of this one.
struct relayed_order {
  sip::session_id session;
  sip::order order;
};

/// From another lane: a response that came in there, whose branch names a session of this one.
struct relayed_response {
  sip::arrival from;
  sip::message response;
};

/// What waits in a desk's inbox.
using desk_order =
  std::variant<session_outcome, session_gone, relayed_event, returned_request, relayed_order, relayed_response>;

/// The number of the request that this event is the end of; nothing if it ends none.
[[nodiscard]] std::optional<std::uint32_t> answered_request(const sip::session_event& event);

/// What may be dropped when an actor or a lane is behind: nobody waits for it, it comes again, or whoever waits can be
/// told. All else is bounded by the sessions and transactions there are, and arrives.
[[nodiscard]] bool is_expendable(const sip::session_event& event);
[[nodiscard]] bool is_expendable(const desk_order& order);

} // namespace sallyport::actors
