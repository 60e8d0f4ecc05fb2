#pragma once
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
#include <cstdint>
#include <unordered_set>

#include "net/io/line_flood.hpp"

namespace sallyport::actors {

using adopt_atom = caf::atom_constant<caf::atom("adopt")>;

/// What a session supervisor has seen; read by metrics from any thread.
struct session_tally {
  std::atomic<std::uint64_t> sessions_failed{0}; ///< Ended by an exception: a broken invariant of ours.
};

struct session_supervisor_state {
  const char* name = "sessions"; ///< Shown in the console's actor tree: the service's name.

  std::unordered_set<caf::actor_addr> sessions;
  io::line_flood failures;

  /// They end with their supervisor.
  ~session_supervisor_state();
};

/// Supervises the sessions that the lanes spawn for one service (dialogs and exchanges, or allocations):
/// `(adopt_atom, actor)` puts one under it. A session that dies of an error is logged and counted and not restarted:
/// its state is gone, and its lane answers for it. When this actor ends, its sessions end.
///
/// `service`: a literal, the service's name.
caf::behavior session_supervisor(caf::stateful_actor<session_supervisor_state>* self, const char* service,
                                 session_tally* tally);

/// Starts a service's supervisor and registers it, in the place of one that has died. `tally` outlives the system.
caf::actor start_service(caf::actor_system& system, const char* service, caf::atom_value registered,
                         session_tally& tally);

} // namespace sallyport::actors
