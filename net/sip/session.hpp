#pragma once
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "net/sip/actions.hpp"
#include "net/sip/edge_identity.hpp"
#include "net/sip/message.hpp"
#include "net/sip/request_facts.hpp"
#include "net/sip/route_token.hpp"
#include "net/sip/timers.hpp"

namespace sallyport::sip {

/// What one session holds at most, and how long it lives at most.
struct session_limits {
  std::size_t forks_max = 16;    ///< Remote tags of one INVITE or SUBSCRIBE that are remembered.
  std::size_t in_flight_max = 8; ///< Requests without a final response; one more gets a 500 with Retry-After.
  seconds dialog_lifetime{12 * 60 *
                          60}; ///< Of a dialog without a session timer (RFC 4028) since its last INVITE or UPDATE.
  seconds expiry_grace{32};    ///< A session or subscription that lapsed is kept for that long.
  seconds retry_after{10};     ///< Told to a request that is one too many; the least, where the next hop fails it.
};

/// What is the same for every session of a node, and who this one is. Cheap to copy.
struct session_facts {
  session_id self;
  std::uint16_t node = 0;
  std::uint32_t incarnation = 0;
  std::shared_ptr<const token_keys> tokens;
  std::shared_ptr<const keyed_hash> loop_key;
  std::shared_ptr<const keyed_hash> binding_key; ///< Of `flow_binding`.
  std::shared_ptr<const edge_identity> identity;
  timer_values timers;
  session_limits limits;
};

/// A request with a server transaction: it is owed a response. It was validated, and policy let it in.
struct request_received {
  transaction_id server;
  arrival from;
  message request;
  destination to;
  request_facts facts;
};
/// An ACK of a 2xx: goes on statelessly (RFC 3261, 16.11).
struct ack_received {
  arrival from;
  message request;
  destination to;
  request_facts facts;
};
struct response_received {
  std::uint32_t number = 0;
  arrival from;
  message response;
};
struct client_failed {
  std::uint32_t number = 0;
  client_failure_reason reason = client_failure_reason::timed_out;
};
/// The CANCEL of a request of this session; or its sender is gone, which comes to the same.
struct cancel_received {
  transaction_id server;
};
/// The time that `next_deadline` named has come.
struct deadline_passed {};

using session_event =
  std::variant<request_received, ack_received, response_received, client_failed, cancel_received, deadline_passed>;

/// Send this in a client transaction of its own.
struct send_request {
  std::uint32_t number = 0;
  destination to;
  side toward = side::inside;
  std::string branch;
  method kind = method::other;
  std::string bytes;
  bool is_in_dialog = false;
};
/// Send this and forget it.
struct send_stateless {
  destination to;
  side toward = side::inside;
  std::string bytes;
};
struct send_response {
  transaction_id server;
  unsigned status = 0;
  std::string bytes;
};
struct cancel_request {
  std::uint32_t number = 0;
};
/// A registrar accepted the credentials of the user behind this flow: the flow is theirs for as long as it says.
struct prove_flow {
  flow_id flow;
  std::string address_of_record; ///< user@host, host in lower case, no scheme, no port.
  binding_id binding = 0;        ///< Which client of theirs; 0: all of them (a Contact of `*`).
  seconds lifetime{0};           ///< From now on. Zero: this registration has ended, and with it what it proved.
};
using order = std::variant<send_request, send_stateless, send_response, cancel_request, prove_flow>;

/// A session's one answer to one event, carried out by its lane in this order.
struct session_answer {
  std::vector<order> orders;
};

} // namespace sallyport::sip
