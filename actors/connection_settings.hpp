#pragma once
#include "config/limits.hpp"
#include "net/core/source_limits.hpp"
#include "net/io/stream.hpp"

/// What the configuration means for connections, whatever service they are for.
namespace sallyport::actors {

[[nodiscard]] io::stream_limits make_stream_limits(const config::limits& limits);
/// Of connections from outside, on a lane that may have `connections_max`.
[[nodiscard]] io::unproved_limits make_unproved_limits(const config::limits& limits, std::size_t connections_max);
[[nodiscard]] source_limits_options make_source_limits(const config::limits& limits);

} // namespace sallyport::actors
