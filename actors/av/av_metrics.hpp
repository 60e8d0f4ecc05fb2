#pragma once
#include "actors/observe/lane_samples.hpp"
#include "net/io/turn_counters.hpp"

namespace sallyport::actors {

/// What one lane's share of the A/V Edge shows in metrics. `lost`: allocations whose actor died.
void show_av(lane_samples& out, const io::turn_counters& counters, const io::counter& lost);

} // namespace sallyport::actors
