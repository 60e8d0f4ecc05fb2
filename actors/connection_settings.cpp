#include "actors/connection_settings.hpp"

#include "actors/per_lane.hpp"

namespace sallyport::actors {

io::stream_limits make_stream_limits(const config::limits& limits) {
  return {.write_queue_bytes_max = limits.connections.write_queue_bytes_max,
          .handshake_timeout = limits.connections.handshake_timeout};
}

io::unproved_limits make_unproved_limits(const config::limits& limits, std::size_t connections_max) {
  return {.proof_timeout = limits.connections.proof_timeout,
          .queue_bytes_max = limits.connections.unproved_queue_bytes_max,
          .connections_max = without_reserve(connections_max, limits.connections.proved_reserve)};
}

source_limits_options make_source_limits(const config::limits& limits) {
  const auto rate = limits.connections.connection_rate_per_source.per_second;
  return {.connections_max = limits.connections.connections_per_source_max,
          .held_bytes_max = limits.connections.unproved_bytes_per_source_max,
          .new_connections = {.per_second = rate, .burst = rate}};
}

} // namespace sallyport::actors
