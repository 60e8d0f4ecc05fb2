#pragma once
#include <variant>

#include "net/sip/user_order.hpp"

namespace sallyport::actors {

/// The actor of a session of this lane is gone, whatever the reason.
struct session_actor_gone {
  sip::session_id session;
};

/// What waits in a lane's inbox: answers of its actors, and what other lanes say.
using session_order = std::variant<sip::session_outcome, session_actor_gone, sip::lane_order>;

} // namespace sallyport::actors
