#pragma once
#include "actors/observe/lane_samples.hpp"
#include "net/io/sip_counters.hpp"

namespace sallyport::actors {

/// What one lane's share of the Access Edge shows in metrics.
void show_access(lane_samples& out, const io::sip_counters& sip);

} // namespace sallyport::actors
