#pragma once
#include <string_view>
#include <variant>
#include <vector>

#include "net/sip/lane_order.hpp"

namespace sallyport::sip {

/// A request of a dialog that lives came by this flow, which nobody has proved: it has all its time again to be proved.
struct vouch_for_flow {
  flow_id flow;
};
/// Begin a session of this name (`facts.self`); its events follow.
struct start_session {
  session_facts facts;
  bool is_dialog = false; ///< A dialog, else an exchange.
};
/// Give it this event. It answers with one `session_outcome`.
struct tell_session {
  session_id session;
  session_event event;
};
/// Nothing more is told to it and nothing more is heard of it.
struct end_session {
  session_id session;
};
/// Hand this to another lane of the node.
struct tell_lane {
  std::uint8_t lane = 0;
  lane_order order;
};
/// Count and log it: a request was answered here.
struct request_refused {
  endpoint source;
  unsigned status = 0;
  std::string_view reason; ///< A literal, here and below.
  trace_id trace = 0;
};
/// Count and log it: a message got no answer and goes no further.
struct message_dropped {
  std::string_view reason;
  trace_id trace = 0;
};
/// Log it: a session is gone without an answer.
struct session_lost {
  trace_id trace = 0;
};

/// What a transaction user wants done, in this order.
using user_order = std::variant<send, prove_flow, vouch_for_flow, start_session, tell_session, end_session, tell_lane,
                                request_refused, message_dropped, session_lost>;
using user_orders = std::vector<user_order>;

/// A session's answer to one event: what to carry out, when to wake it next, and whether it is done.
struct session_outcome {
  session_id session;
  session_answer answer;
  std::optional<time_point> next_deadline;
  bool has_ended = false;
};

} // namespace sallyport::sip
