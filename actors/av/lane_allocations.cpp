#include "actors/av/lane_allocations.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <stdexcept>
#include <utility>

#include "actors/av/allocation_actor.hpp"
#include "actors/session_supervisor.hpp"
#include "net/core/fault.hpp"

namespace sallyport::actors {

lane_allocations::lane_allocations(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
                                   io::inbox<allocation_order>& inbox)
  : system_{system}, lane_{home}, limits_{limits}, inbox_{inbox}, orders_{home, inbox} {
  if (!lane_.watch(inbox_.wake_fd(), io::ready_to_read, *this, io::work::orders))
    throw std::runtime_error{"cannot watch an inbox"};
}

lane_allocations::~lane_allocations() {
  lane_.forget(inbox_.wake_fd());
}

void lane_allocations::on_open(const turn::allocation_id& id, turn::allocation_event&& opening) {
  fault::point("lane_allocations::on_open");
  auto actor = system_.spawn(allocation_actor, &inbox_, id, turn::allocation{limits_});
  actors_.put(id, actor); // First: where a step after it fails, the allocation's end is the actor's.
  fault::point("lane_allocations::on_open, made");
  actor->attach_functor([inbox = &inbox_, id](const caf::error&) { inbox->push_always(allocation_gone{id}); });
  caf::anon_send(caf::actor_cast<caf::actor>(system_.registry().get(caf::atom("av"))), adopt_atom::value, actor);
  on_event(id, std::move(opening));
}

void lane_allocations::on_event(const turn::allocation_id& id, turn::allocation_event&& event) {
  fault::point("lane_allocations::on_event");
  if (const auto* to = actors_.find(id))
    caf::anon_send(*to, allocation_delivery{lane_.now(), std::move(event)});
}

void lane_allocations::on_ended(const turn::allocation_id& id) {
  actors_.end(id);
}

void lane_allocations::on_ready(std::uint32_t) {
  orders_.read([this](auto& waiting) { std::visit([this](auto& order) { take(order); }, waiting); });
}

void lane_allocations::take(allocation_outcome& outcome) {
  if (actors_.find(outcome.allocation)) // Else its actor died meanwhile, and the endpoint knows.
    endpoint_->settle(outcome.allocation, outcome.answer);
}

void lane_allocations::take(const allocation_gone& gone) {
  if (!actors_.find(gone.allocation))
    return; // It ended in order.
  lost_.add();
  endpoint_->lost(gone.allocation); // By which it ends here, too.
}

} // namespace sallyport::actors
