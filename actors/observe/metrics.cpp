#include "actors/observe/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <stdexcept>

#include "actors/lane_service.hpp"
#include "actors/observe/lane_samples.hpp"
#include "net/io/log.hpp"

namespace sallyport::actors {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr counter_row<io::lane_counters> connection_rows[]{
  {"streams", "Connections that exist, handshaking and closing ones included", MetricType::Gauge,
   &io::lane_counters::live},
  {"accepted_total", "Connections accepted", MetricType::Counter, &io::lane_counters::accepted},
  {"connected_total", "Outgoing connections opened", MetricType::Counter, &io::lane_counters::connected},
  {"tls_handshakes_total", "TLS handshakes that succeeded", MetricType::Counter, &io::lane_counters::handshakes},
  {"connections_unproved", "Connections that have to prove themselves and have not, or no longer do", MetricType::Gauge,
   &io::lane_counters::unproved},
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

constexpr metric longest_turn{"lane_longest_turn_seconds",
                              "The longest turn of a lane's loop in this minute and the one before it",
                              MetricType::Gauge};
constexpr metric closed{"closed_total", "Connections that ended, by reason", MetricType::Counter};
constexpr metric refused{"connections_refused_total", "Connections refused on arrival, by reason", MetricType::Counter};
constexpr metric proved{"connections_proved_total", "Connections that a user of ours has proved, by what proved them",
                        MetricType::Counter};
constexpr metric failures{"session_failures_total", "Session actors that died of an exception, by service",
                          MetricType::Counter};

constexpr metric lines_lost{"log_lines_lost_total", "Lines of the log that standard error did not take in time",
                            MetricType::Counter};

void show_connections(lane_samples& out, const io::lane_counters& lane) {
  out.add(connection_rows, lane);
  for (std::size_t i = 0; i < io::close_reason_count; ++i)
    out.add(closed, lane.closed[i].read(), "reason", to_string(static_cast<io::close_reason>(i)));
  for (std::size_t i = 1; i < verdict_count; ++i) // 0 is `admitted`.
    out.add(refused, lane.refused[i].read(), "reason", to_string(static_cast<verdict>(i)));
}

} // namespace

std::vector<MetricFamily> metrics::Collect() const {
  metric_families families;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    lane_samples out{families, lane};
    show_connections(out, *lanes_[lane].connections);
    out.add(longest_turn, lanes_[lane].longest_turn->read());
    for (const auto proof : proofs_)
      out.add(proved, lanes_[lane].connections->proved_by(proof).read(), "proof", to_string(proof));
    for (const auto* share : lanes_[lane].services)
      share->show(out);
  }
  for (const auto& [service, sessions] : services_)
    families.add(failures, static_cast<double>(sessions->sessions_failed.load(std::memory_order_relaxed)),
                 {{"service", service}});
  families.add(lines_lost, static_cast<double>(log::lines_lost()), {});
  return families.take();
}

metrics_listener::metrics_listener(const endpoint& address, std::shared_ptr<prometheus::Collectable> source)
  : source_{std::move(source)},
    server_{lane_, {.path = "/metrics", .media_type = "text/plain; version=0.0.4; charset=utf-8", .make = [this] {
                      return prometheus::TextSerializer{}.Serialize(source_->Collect());
                    }}} {
  if (const auto opened = server_.open(address); !opened)
    throw std::runtime_error{"cannot serve metrics on " + address.text() + ": " + opened.error().text()};
  thread_ = std::thread{[this] { lane_.run(); }};
}

metrics_listener::~metrics_listener() {
  lane_.stop();
  thread_.join();
}

} // namespace sallyport::actors
