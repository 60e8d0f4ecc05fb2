#include "actors/av/allocation_actor.hpp"

#include <utility>

#include "actors/actor_faults.hpp"

namespace sallyport::actors {

caf::behavior allocation_actor(caf::stateful_actor<allocation_state>* self, io::inbox<allocation_order>* home,
                               turn::allocation_id id, turn::allocation machine) {
  self->set_exception_handler(&fault_of);
  self->state.machine.emplace(std::move(machine));
  return {[=](const allocation_delivery& delivery) {
    // Bounded by the requests in flight and one deadline an allocation: the credit its lane gave.
    home->push_always(allocation_outcome{id, self->state.machine->handle(delivery.now, delivery.event)});
  }};
}

} // namespace sallyport::actors
