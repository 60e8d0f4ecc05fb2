#include "actors/access/access_lane.hpp"

#include "actors/access/access_metrics.hpp"

namespace sallyport::actors {

access_lane::access_lane(caf::actor_system& system, io::lane& home, const io::sip_settings& sip,
                         std::span<const std::unique_ptr<io::inbox<session_order>>> inboxes)
  : sessions_{system, home, inboxes}, endpoint_{home, sip, sessions_} {
  sessions_.serve(endpoint_);
}

void access_lane::show(lane_samples& out) const {
  show_access(out, endpoint_.counters());
}

} // namespace sallyport::actors
