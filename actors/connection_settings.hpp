#pragma once
#include "config/limits.hpp"
#include "net/core/source_limits.hpp"
#include "net/io/stream.hpp"

/// What the configuration means for connections, whatever service they are for.
namespace sallyport::actors {

[[nodiscard]] io::stream_limits make_stream_limits(const config::limits& limits);
[[nodiscard]] source_limits_options make_source_limits(const config::limits& limits);

} // namespace sallyport::actors
