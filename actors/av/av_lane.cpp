#include "actors/av/av_lane.hpp"

#include <stdexcept>

#include "actors/av/av_metrics.hpp"

namespace sallyport::actors {

av_lane::av_lane(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
                 const io::turn_settings& settings, turn::relay_pool& pool, io::inbox<allocation_order>& inbox)
  : lane_{home}, allocations_{system, home, limits, inbox}, endpoint_{home, settings, pool, allocations_} {
  allocations_.serve(endpoint_);
}

void av_lane::renew(const turn::authenticator& who) {
  lane_.post([this, who] { endpoint_.renew(who); });
}

void av_lane::renew(const std::shared_ptr<const peer_filter>& peers) {
  lane_.post([this, peers] { endpoint_.renew(peers); });
}

void av_lane::begin() {
  if (const auto heard = endpoint_.hear(); !heard)
    throw std::runtime_error{"cannot listen on " + heard.error()};
}

void av_lane::show(lane_samples& out) const {
  show_av(out, endpoint_.counters(), allocations_.lost());
}

} // namespace sallyport::actors
