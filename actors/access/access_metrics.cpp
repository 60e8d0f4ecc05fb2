#include "actors/access/access_metrics.hpp"

namespace sallyport::actors {
namespace {

using prometheus::MetricType;

constexpr counter_row<io::sip_counters> sip_rows[]{
  {"sip_requests_total", "SIP requests read", MetricType::Counter, &io::sip_counters::requests},
  {"sip_responses_total", "SIP responses read", MetricType::Counter, &io::sip_counters::responses},
  {"sip_pings_total", "Keep-alives answered", MetricType::Counter, &io::sip_counters::pings},
  {"server_transactions", "Server transactions held", MetricType::Gauge, &io::sip_counters::server_transactions},
  {"client_transactions", "Client transactions held", MetricType::Gauge, &io::sip_counters::client_transactions},
  {"sip_requests_absorbed_total", "Retransmitted requests, and ACKs of refusals", MetricType::Counter,
   &io::sip_counters::requests_absorbed},
  {"sip_responses_absorbed_total", "Responses that end at this hop", MetricType::Counter,
   &io::sip_counters::responses_absorbed},
  {"sip_responses_late_total", "Responses of sessions that came too late to be sent", MetricType::Counter,
   &io::sip_counters::responses_late},
  {"sip_cancels_unmatched_total", "CANCELs that matched nothing, answered 481", MetricType::Counter,
   &io::sip_counters::cancels_unmatched},
  {"sip_requests_overloaded_total", "Requests answered 503 for want of transactions", MetricType::Counter,
   &io::sip_counters::requests_overloaded},
  {"sip_clients_overloaded_total", "Requests not sent for want of transactions", MetricType::Counter,
   &io::sip_counters::clients_overloaded},
  {"sip_clients_timed_out_total", "Requests sent that got no final response", MetricType::Counter,
   &io::sip_counters::clients_timed_out},
  {"sip_invites_forgotten_total", "INVITEs that got no response for longer than timer C allows, answered 500",
   MetricType::Counter, &io::sip_counters::invites_forgotten},
  {"sip_retransmissions_total", "Messages sent again", MetricType::Counter, &io::sip_counters::retransmissions},
  {"next_hop_connects_total", "Connections to the next hop begun", MetricType::Counter,
   &io::sip_counters::next_hop_connects},
  {"next_hop_failures_total", "Connections to the next hop that could not be made", MetricType::Counter,
   &io::sip_counters::next_hop_failures},
};

constexpr counter_row<io::sip_counters> session_rows[]{
  {"sessions", "Dialog and exchange actors alive", MetricType::Gauge, &io::sip_counters::sessions},
  {"events_in_flight", "Events that session actors have not answered yet", MetricType::Gauge,
   &io::sip_counters::in_flight},
  {"dialogs_total", "Dialog actors started", MetricType::Counter, &io::sip_counters::dialogs_started},
  {"exchanges_total", "Exchange actors started", MetricType::Counter, &io::sip_counters::exchanges_started},
  {"sessions_lost_total", "Sessions whose actor died of a broken invariant", MetricType::Counter,
   &io::sip_counters::sessions_lost},
  {"requests_shed_total", "Requests refused for want of room", MetricType::Counter, &io::sip_counters::requests_shed},
  {"events_shed_total", "Events dropped because their actor was behind", MetricType::Counter,
   &io::sip_counters::events_shed},
  {"relayed_total", "Events and orders handed to another lane", MetricType::Counter, &io::sip_counters::relayed},
};

constexpr metric connections{"connections", "SIP connections open, by side", MetricType::Gauge};
constexpr metric refused{"sip_refused_total", "SIP requests answered here, by reason", MetricType::Counter};
constexpr metric dropped{"sip_dropped_total", "SIP messages dropped, by reason", MetricType::Counter};

} // namespace

void show_access(lane_samples& out, const io::sip_counters& sip) {
  out.add(sip_rows, sip);
  out.add(session_rows, sip);
  out.add(connections, sip.flows_outside.read(), "side", "outside");
  out.add(connections, sip.flows_inside.read(), "side", "inside");
  out.add(refused, sip.refused);
  out.add(dropped, sip.dropped);
}

} // namespace sallyport::actors
