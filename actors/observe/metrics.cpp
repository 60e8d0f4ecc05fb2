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

void add_reasons(family_list& out, const std::vector<lane_metrics>& lanes, const char* name, const char* help,
                 io::reason_counters io::sip_counters::*reasons) {
  out.counter(name, help);
  for (std::size_t lane = 0; lane < lanes.size(); ++lane)
    if (const auto* sip = lanes[lane].sip)
      (sip->*reasons).each([&](std::string_view reason, std::uint64_t count) {
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

} // namespace

std::vector<MetricFamily> metrics::Collect() const {
  family_list out;
  add_rows(out, lanes_, connection_rows, &lane_metrics::connections);
  add_rows(out, lanes_, sip_rows, &lane_metrics::sip);
  add_rows(out, lanes_, session_rows, &lane_metrics::sessions);
  add_flows(out, lanes_);
  add_ends(out, lanes_);
  add_reasons(out, lanes_, "sip_refused_total", "SIP requests answered here, by reason", &io::sip_counters::refused);
  add_reasons(out, lanes_, "sip_dropped_total", "SIP messages dropped, by reason", &io::sip_counters::dropped);
  out.counter("session_failures_total", "Session actors that died of an exception");
  out.sample(tally_.sessions_failed.load(std::memory_order_relaxed), {});
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
