#include "actors/supervisor.hpp"

#include <caf/actor_system.hpp>

#include "actors/actor_faults.hpp"
#include "net/io/log.hpp"

namespace sallyport::actors {
namespace {

using self_pointer = caf::stateful_actor<supervisor_state>*;

void start_child(self_pointer self, std::size_t place) {
  auto child = self->state.spec.children[place].start(*self);
  self->link_to(child);
  self->state.running.emplace(child.address(), supervisor_state::running_child{place, child});
}

/// Counts one restart; false once there were more than the intensity allows.
bool may_restart(self_pointer self) {
  auto& [children, intensity] = self->state.spec;
  auto& restarted_at = self->state.restarted_at;
  const auto now = self->clock().now();
  while (!restarted_at.empty() && now - restarted_at.front() > intensity.within)
    restarted_at.pop_front();
  restarted_at.push_back(now);
  return restarted_at.size() <= intensity.restarts;
}

void child_ended(self_pointer self, const caf::exit_msg& ended) {
  const auto entry = self->state.running.find(ended.source);
  if (entry == self->state.running.end()) { // Our own supervisor, or the node, ends us: the links end the children.
    self->quit(ended.reason);
    return;
  }
  const auto place = entry->second.place;
  self->state.running.erase(entry);
  const auto& name = self->state.spec.children[place].name;
  if (ended.reason == caf::exit_reason::normal || ended.reason == caf::exit_reason::user_shutdown)
    return;
  if (!may_restart(self)) {
    log::critical("supervisor gives up child={} restarts={}", name, self->state.spec.intensity.restarts);
    self->quit(ended.reason);
    return;
  }
  log::error("supervisor restarts child={} reason={}", name, self->system().render(ended.reason));
  start_child(self, place);
}

} // namespace

caf::behavior supervisor_actor(self_pointer self, supervisor_spec spec) {
  self->set_exception_handler(&fault_of);
  self->state.spec = std::move(spec);
  self->set_exit_handler([self](caf::exit_msg& ended) { child_ended(self, ended); });
  for (std::size_t place = 0; place < self->state.spec.children.size(); ++place)
    start_child(self, place);
  return {[](const caf::unit_t&) {}}; // Takes no messages of its own: it lives for its exit handler.
}

} // namespace sallyport::actors
