#include "actors/session_supervisor.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include "actors/actor_faults.hpp"
#include "net/io/log.hpp"

namespace sallyport::actors {
namespace {

bool is_ordinary(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::normal || reason == caf::exit_reason::user_shutdown;
}

} // namespace

session_supervisor_state::~session_supervisor_state() {
  for (const auto& session : sessions)
    caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
}

caf::behavior session_supervisor(caf::stateful_actor<session_supervisor_state>* self, const char* service,
                                 session_tally* tally) {
  self->set_exception_handler(&fault_of);
  self->state.name = service;
  // Sessions are monitored, not linked: a link is kept at both ends, and among thousands ours is searched for each that
  // ends.
  self->set_down_handler([self, tally](caf::down_msg& ended) {
    self->state.sessions.erase(ended.source);
    if (is_ordinary(ended.reason))
      return;
    tally->sessions_failed.fetch_add(1, std::memory_order_relaxed);
    const time_point now{self->clock().now().time_since_epoch()};
    if (const auto suppressed = self->state.failures.take_line(now))
      log::error("session failed service={} actor={} suppressed={} reason={}", self->state.name, ended.source.id(),
                 *suppressed, self->system().render(ended.reason));
  });
  return {[self](adopt_atom, const caf::actor& session) {
    self->state.sessions.insert(session.address());
    self->monitor(session);
  }};
}

caf::actor start_service(caf::actor_system& system, const char* service, caf::atom_value registered,
                         session_tally& tally) {
  auto started = system.spawn(session_supervisor, service, &tally);
  // The registry changes no name that it has, and a dead actor keeps its own; while it dies it may take it once more.
  auto& registry = system.registry();
  while (registry.get<caf::actor>(registered) != started) {
    registry.erase(registered);
    registry.put(registered, started);
  }
  return started;
}

} // namespace sallyport::actors
