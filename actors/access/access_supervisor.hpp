#pragma once
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <atomic>
#include <cstdint>
#include <unordered_set>

namespace sallyport::actors {

using adopt_atom = caf::atom_constant<caf::atom("adopt")>;

/// What the access supervisor has seen; read by metrics from any thread.
struct access_tally {
  std::atomic<std::uint64_t> sessions_failed{0}; ///< Ended by an exception: a broken invariant of ours.
};

struct access_supervisor_state {
  static inline const char* name = "access";

  std::unordered_set<caf::actor_addr> sessions;
};

/// Supervises the dialogs and exchanges that the lanes spawn: `(adopt_atom, actor)` puts one under it. A session that
/// dies of an error is logged and counted and not restarted: its state is gone, and its lane answers for it. When this
/// actor ends, its sessions end.
caf::behavior access_supervisor(caf::stateful_actor<access_supervisor_state>* self, access_tally* tally);

} // namespace sallyport::actors
