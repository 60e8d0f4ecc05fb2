#include "actors/observe/metrics.hpp"

#include <prometheus/client_metric.h>
#include <prometheus/exposer.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <stdexcept>

namespace sallyport::actors {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

class family_list {
public:
  /// Opens a family; the samples that follow belong to it.
  void family(std::string name, std::string help, MetricType type) {
    MetricFamily opened;
    opened.name = "sallyport_" + std::move(name);
    opened.help = std::move(help);
    opened.type = type;
    families_.push_back(std::move(opened));
  }
  void counter(std::string name, std::string help) { family(std::move(name), std::move(help), MetricType::Counter); }
  void gauge(std::string name, std::string help) { family(std::move(name), std::move(help), MetricType::Gauge); }

  void sample(std::uint64_t value, labels with) {
    ClientMetric metric;
    metric.label = std::move(with);
    (families_.back().type == MetricType::Gauge ? metric.gauge.value : metric.counter.value) =
      static_cast<double>(value);
    families_.back().metric.push_back(std::move(metric));
  }

  std::vector<MetricFamily> take() { return std::move(families_); }

private:
  std::vector<MetricFamily> families_;
};

/// One gauge or counter of every lane, by a member pointer.
template <class Counters>
struct lane_row {
  const char* name;
  const char* help;
  MetricType type;
  io::counter Counters::*value;
};

constexpr lane_row<io::lane_counters> connection_rows[]{
  {"streams", "Connections that exist, handshaking and closing ones included", MetricType::Gauge,
   &io::lane_counters::live},
  {"accepted_total", "Connections accepted", MetricType::Counter, &io::lane_counters::accepted},
  {"connected_total", "Outgoing connections opened", MetricType::Counter, &io::lane_counters::connected},
  {"tls_handshakes_total", "TLS handshakes that succeeded", MetricType::Counter, &io::lane_counters::handshakes},
  {"received_bytes_total", "Bytes of streams received, after TLS", MetricType::Counter, &io::lane_counters::bytes_in},
  {"sent_bytes_total", "Bytes of streams sent, before TLS", MetricType::Counter, &io::lane_counters::bytes_out},
  {"datagrams_received_total", "Datagrams received, of clients and of peers", MetricType::Counter,
   &io::lane_counters::datagrams_in},
  {"datagrams_sent_total", "Datagrams sent, to clients and to peers", MetricType::Counter,
   &io::lane_counters::datagrams_out},
  {"datagrams_truncated_total", "Datagrams received that were too long, and dropped", MetricType::Counter,
   &io::lane_counters::datagrams_truncated},
  {"datagrams_dropped_total", "Datagrams that the kernel did not take", MetricType::Counter,
   &io::lane_counters::datagrams_dropped},
  {"handler_failures_total", "Exceptions that reached a lane's loop", MetricType::Counter,
   &io::lane_counters::handler_failures},
};

constexpr lane_row<io::sip_counters> sip_rows[]{
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
  {"sip_retransmissions_total", "Messages sent again", MetricType::Counter, &io::sip_counters::retransmissions},
  {"next_hop_connects_total", "Connections to the next hop begun", MetricType::Counter,
   &io::sip_counters::next_hop_connects},
  {"next_hop_failures_total", "Connections to the next hop that could not be made", MetricType::Counter,
   &io::sip_counters::next_hop_failures},
};

constexpr lane_row<desk_counters> session_rows[]{
  {"sessions", "Dialog and exchange actors alive", MetricType::Gauge, &desk_counters::sessions},
  {"events_in_flight", "Events that session actors have not answered yet", MetricType::Gauge,
   &desk_counters::in_flight},
  {"dialogs_total", "Dialog actors started", MetricType::Counter, &desk_counters::dialogs_started},
  {"exchanges_total", "Exchange actors started", MetricType::Counter, &desk_counters::exchanges_started},
  {"sessions_lost_total", "Sessions whose actor died of a broken invariant", MetricType::Counter,
   &desk_counters::sessions_lost},
  {"requests_shed_total", "Requests refused for want of room", MetricType::Counter, &desk_counters::requests_shed},
  {"events_shed_total", "Events dropped because their actor was behind", MetricType::Counter,
   &desk_counters::events_shed},
  {"relayed_total", "Events and orders handed to another lane", MetricType::Counter, &desk_counters::relayed},
};

constexpr lane_row<io::turn_counters> turn_rows[]{
  {"turn_requests_total", "STUN and TURN requests read", MetricType::Counter, &io::turn_counters::requests},
  {"turn_bindings_total", "Binding requests read", MetricType::Counter, &io::turn_counters::bindings},
  {"turn_answers_total", "STUN and TURN responses sent", MetricType::Counter, &io::turn_counters::answers},
  {"turn_unauthorized_suppressed_total", "Answers to the unauthenticated not sent: their source had its share",
   MetricType::Counter, &io::turn_counters::unauthorized_suppressed},
  {"turn_requests_in_flight", "Requests that allocation actors have not answered yet", MetricType::Gauge,
   &io::turn_counters::requests_in_flight},
  {"allocations", "TURN allocations that exist", MetricType::Gauge, &io::turn_counters::allocations},
  {"allocations_total", "TURN allocations made", MetricType::Counter, &io::turn_counters::allocations_opened},
  {"permissions", "Permissions installed", MetricType::Gauge, &io::turn_counters::permissions},
  {"channels", "Channels bound", MetricType::Gauge, &io::turn_counters::channels},
};

std::string lane_name(std::size_t lane) {
  return std::to_string(lane);
}

template <class Counters, std::size_t Rows>
void add_rows(family_list& out, const std::vector<lane_metrics>& lanes, const lane_row<Counters> (&rows)[Rows],
              const Counters* lane_metrics::*part) {
  for (const auto& row : rows) {
    out.family(row.name, row.help, row.type);
    for (std::size_t lane = 0; lane < lanes.size(); ++lane)
      if (const auto* counters = lanes[lane].*part)
        out.sample((counters->*row.value).read(), {{"lane", lane_name(lane)}});
  }
}

void add_ends(family_list& out, const std::vector<lane_metrics>& lanes) {
  out.counter("closed_total", "Connections that ended, by reason");
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    for (std::size_t i = 0; i < io::close_reason_count; ++i)
      out.sample(lanes[lane].connections->closed[i].read(),
                 {{"lane", lane_name(lane)}, {"reason", std::string{to_string(static_cast<io::close_reason>(i))}}});
  out.counter("connections_refused_total", "Connections refused at the door, by reason");
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    for (std::size_t i = 1; i < verdict_count; ++i) // 0 is `admitted`.
      out.sample(lanes[lane].connections->refused[i].read(),
                 {{"lane", lane_name(lane)}, {"reason", std::string{to_string(static_cast<verdict>(i))}}});
}

void add_proofs(family_list& out, const std::vector<lane_metrics>& lanes) {
  out.counter("connections_proved_total", "Connections that a user of ours has proved, by what proved them");
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    for (std::size_t i = 0; i < io::proof_count; ++i)
      out.sample(lanes[lane].connections->proved[i].read(),
                 {{"lane", lane_name(lane)}, {"proof", std::string{to_string(static_cast<io::proof>(i))}}});
}

template <class Counters>
void add_reasons(family_list& out, const std::vector<lane_metrics>& lanes, const char* name, const char* help,
                 const Counters* lane_metrics::*part, io::reason_counters Counters::*reasons) {
  out.counter(name, help);
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    if (const auto* counters = lanes[lane].*part)
      (counters->*reasons).each([&](std::string_view reason, std::uint64_t count) {
        out.sample(count, {{"lane", lane_name(lane)}, {"reason", std::string{reason}}});
      });
}

void add_flows(family_list& out, const std::vector<lane_metrics>& lanes) {
  out.gauge("connections", "SIP connections open, by side");
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    if (const auto* sip = lanes[lane].sip) {
      out.sample(sip->flows_outside.read(), {{"lane", lane_name(lane)}, {"side", "outside"}});
      out.sample(sip->flows_inside.read(), {{"lane", lane_name(lane)}, {"side", "inside"}});
    }
}

/// What crossed the relay, either way.
void add_relayed(family_list& out, const std::vector<lane_metrics>& lanes, const char* name, const char* help,
                 io::counter io::turn_counters::*to_peers, io::counter io::turn_counters::*to_clients) {
  out.counter(name, help);
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    if (const auto* turn = lanes[lane].turn) {
      out.sample((turn->*to_peers).read(), {{"lane", lane_name(lane)}, {"direction", "to_peer"}});
      out.sample((turn->*to_clients).read(), {{"lane", lane_name(lane)}, {"direction", "to_client"}});
    }
}

void add_allocations_lost(family_list& out, const std::vector<lane_metrics>& lanes) {
  out.counter("allocations_lost_total", "Allocations whose actor died of a broken invariant");
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    if (const auto* lost = lanes[lane].allocations_lost)
      out.sample(lost->read(), {{"lane", lane_name(lane)}});
}

} // namespace

std::vector<MetricFamily> metrics::Collect() const {
  family_list out;
  add_rows(out, lanes_, connection_rows, &lane_metrics::connections);
  add_rows(out, lanes_, sip_rows, &lane_metrics::sip);
  add_rows(out, lanes_, session_rows, &lane_metrics::sessions);
  add_flows(out, lanes_);
  add_ends(out, lanes_);
  add_proofs(out, lanes_);
  add_reasons(out, lanes_, "sip_refused_total", "SIP requests answered here, by reason", &lane_metrics::sip,
              &io::sip_counters::refused);
  add_reasons(out, lanes_, "sip_dropped_total", "SIP messages dropped, by reason", &lane_metrics::sip,
              &io::sip_counters::dropped);
  add_rows(out, lanes_, turn_rows, &lane_metrics::turn);
  add_relayed(out, lanes_, "relayed_packets_total", "Packets relayed, by direction",
              &io::turn_counters::packets_to_peers, &io::turn_counters::packets_to_clients);
  add_relayed(out, lanes_, "relayed_bytes_total", "Bytes relayed as sent, by direction: to clients with TURN's framing",
              &io::turn_counters::bytes_to_peers, &io::turn_counters::bytes_to_clients);
  add_reasons(out, lanes_, "turn_refused_total", "TURN requests answered with an error, by reason", &lane_metrics::turn,
              &io::turn_counters::refused);
  add_reasons(out, lanes_, "turn_dropped_total", "Datagrams of the A/V Edge dropped, by reason", &lane_metrics::turn,
              &io::turn_counters::dropped);
  add_allocations_lost(out, lanes_);
  out.counter("session_failures_total", "Session actors that died of an exception, by service");
  for (const auto& [service, tally] : services_)
    out.sample(tally->sessions_failed.load(std::memory_order_relaxed), {{"service", service}});
  return out.take();
}

metrics_listener::metrics_listener(const endpoint& address, std::shared_ptr<prometheus::Collectable> source)
  : source_{std::move(source)} {
  try {
    exposer_ = std::make_unique<prometheus::Exposer>(address.text(), 1);
  } catch (const std::exception& error) {
    throw std::runtime_error{"cannot serve metrics on " + address.text() + ": " + error.what()};
  }
  exposer_->RegisterCollectable(source_);
}

metrics_listener::~metrics_listener() = default;

} // namespace sallyport::actors
