#include <gtest/gtest.h>

#include "actors/connection_settings.hpp"

namespace sallyport::actors {
namespace {

using namespace std::chrono_literals;

TEST(ConnectionSettings, EveryLimitOfTheConfigurationArrives) {
  config::limits limits;
  limits.connections.handshake_timeout = 37s;
  limits.connections.write_queue_bytes_max = 1'003;
  limits.connections.connections_per_source_max = 39;
  limits.connections.connection_rate_per_source = {40};
  limits.connections.unproved_bytes_per_source_max = 1'041;
  limits.connections.unproved_queue_bytes_max = 1'042;
  limits.connections.proof_timeout = 43s;
  limits.connections.proved_reserve = 44;

  const auto streams = make_stream_limits(limits);
  EXPECT_EQ(streams.handshake_timeout, 37s);
  EXPECT_EQ(streams.write_queue_bytes_max, 1'003u);
  const auto unproved = make_unproved_limits(limits, 50);
  EXPECT_EQ(unproved.queue_bytes_max, 1'042u);
  EXPECT_EQ(unproved.proof_timeout, 43s);
  EXPECT_EQ(unproved.connections_max, 28u);
  const auto sources = make_source_limits(limits);
  EXPECT_EQ(sources.connections_max, 39u);
  EXPECT_EQ(sources.held_bytes_max, 1'041u);
  EXPECT_EQ(sources.new_connections.per_second, 40u);
  EXPECT_EQ(sources.new_connections.burst, 40u);
}

} // namespace
} // namespace sallyport::actors
