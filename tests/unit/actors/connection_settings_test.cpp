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

  const auto streams = make_stream_limits(limits);
  EXPECT_EQ(streams.handshake_timeout, 37s);
  EXPECT_EQ(streams.write_queue_bytes_max, 1'003u);
  const auto sources = make_source_limits(limits);
  EXPECT_EQ(sources.connections_max, 39u);
  EXPECT_EQ(sources.new_connections.per_second, 40u);
  EXPECT_EQ(sources.new_connections.burst, 40u);
}

} // namespace
} // namespace sallyport::actors
