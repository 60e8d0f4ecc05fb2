#include "actors/av/av_metrics.hpp"

namespace sallyport::actors {
namespace {

using prometheus::MetricType;

constexpr counter_row<io::turn_counters> turn_rows[]{
  {"turn_requests_total", "STUN and TURN requests read", MetricType::Counter, &io::turn_counters::requests},
  {"turn_bindings_total", "Binding requests read", MetricType::Counter, &io::turn_counters::bindings},
  {"turn_answers_total", "STUN and TURN responses sent", MetricType::Counter, &io::turn_counters::answers},
  {"turn_unauthorized_suppressed_total", "Answers to who has proved nothing not sent: their source had its share",
   MetricType::Counter, &io::turn_counters::unauthorized_suppressed},
  {"turn_requests_in_flight", "Requests that allocation actors have not answered yet", MetricType::Gauge,
   &io::turn_counters::requests_in_flight},
  {"allocations", "TURN allocations that exist", MetricType::Gauge, &io::turn_counters::allocations},
  {"allocations_total", "TURN allocations made", MetricType::Counter, &io::turn_counters::allocations_opened},
  {"permissions", "Permissions installed", MetricType::Gauge, &io::turn_counters::permissions},
  {"channels", "Channels bound", MetricType::Gauge, &io::turn_counters::channels},
  {"peer_rules_renewed_total", "Rules of peers taken over since the addresses of this host changed",
   MetricType::Counter, &io::turn_counters::peer_rules_renewed},
};

constexpr metric allocations_lost{"allocations_lost_total", "Allocations whose actor died of a broken invariant",
                                  MetricType::Counter};
constexpr metric packets{"relayed_packets_total", "Packets relayed, by direction", MetricType::Counter};
constexpr metric bytes{"relayed_bytes_total", "Bytes relayed as sent, by direction: to clients with TURN's framing",
                       MetricType::Counter};
constexpr metric refused{"turn_refused_total", "TURN requests answered with an error, by reason", MetricType::Counter};
constexpr metric dropped{"turn_dropped_total", "Datagrams of the A/V Edge dropped, by reason", MetricType::Counter};

} // namespace

void show_av(lane_samples& out, const io::turn_counters& counters, const io::counter& lost) {
  out.add(turn_rows, counters);
  out.add(allocations_lost, lost.read());
  out.add(packets, counters.packets_to_peers.read(), "direction", "to_peer");
  out.add(packets, counters.packets_to_clients.read(), "direction", "to_client");
  out.add(bytes, counters.bytes_to_peers.read(), "direction", "to_peer");
  out.add(bytes, counters.bytes_to_clients.read(), "direction", "to_client");
  out.add(refused, counters.refused);
  out.add_by<turn::drop_reason>(dropped, counters.dropped);
}

} // namespace sallyport::actors
