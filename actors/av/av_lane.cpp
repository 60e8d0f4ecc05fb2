#include "actors/av/av_lane.hpp"

#include <stdexcept>
#include <utility>

#include "actors/av/av_metrics.hpp"

namespace sallyport::actors {

av_lane::av_lane(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
                 const io::turn_settings& settings, turn::relay_pool& pool, io::inbox<allocation_order>& inbox)
  : lane_{home}, allocations_{system, home, limits, inbox}, endpoint_{home, settings, pool, allocations_} {
  allocations_.serve(endpoint_);
}

void av_lane::renew(std::shared_ptr<const turn::authenticator> who) {
  const std::lock_guard guard{renewal_mutex_};
  if (!renewal_)
    lane_.post([this] { take_renewal(); });
  renewal_ = std::move(who);
}

void av_lane::take_renewal() {
  std::shared_ptr<const turn::authenticator> who;
  {
    const std::lock_guard guard{renewal_mutex_};
    who.swap(renewal_);
  }
  endpoint_.renew(*who);
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
