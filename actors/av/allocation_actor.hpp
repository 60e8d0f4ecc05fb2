#pragma once
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <optional>

#include "actors/av/allocation_order.hpp"
#include "net/io/inbox.hpp"

namespace sallyport::actors {

/// One event for an allocation, with the lane's time.
struct allocation_delivery {
  time_point now;
  turn::allocation_event event;
};

struct allocation_state {
  static inline const char* name = "allocation"; ///< Shown in the console's actor tree.
  std::optional<turn::allocation> machine;
};

/// Keeps one TURN allocation: asks its machine, and answers each event by exactly one outcome into `home`, which
/// outlives the actor system. It never ends by itself: its lane ends it when the machine has ended.
caf::behavior allocation_actor(caf::stateful_actor<allocation_state>* self, io::inbox<allocation_order>* home,
                               turn::allocation_id id, turn::allocation machine);

} // namespace sallyport::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sallyport::actors::allocation_delivery)
