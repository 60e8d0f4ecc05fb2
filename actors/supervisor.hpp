#pragma once
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "net/core/time.hpp"

namespace sallyport::actors {

/// More than `restarts` within `within`, and the supervisor gives up: it ends, and its own supervisor decides.
struct restart_intensity {
  std::size_t restarts = 5;
  std::chrono::milliseconds within{10'000};
};

/// One child, as data. `start` spawns it; a child that ends with an error is started again, one that ends normally
/// (or was told to by the shutdown) stays down.
struct child_spec {
  std::string name;
  std::function<caf::actor(caf::scheduled_actor&)> start;
};

struct supervisor_spec {
  std::vector<child_spec> children;
  restart_intensity intensity;
};

struct supervisor_state {
  static inline const char* name = "supervisor";

  supervisor_spec spec;
  struct running_child {
    std::size_t place; ///< In `spec.children`.
    caf::actor handle; ///< CAF ends an actor that nobody refers to.
  };
  std::map<caf::actor_addr, running_child> running;
  std::deque<caf::actor_clock::time_point> restarted_at;
};

/// Keeps its children running, one for one: a child that dies is restarted alone, until the restart intensity is
/// reached. Children are started in order and end with the supervisor.
caf::behavior supervisor_actor(caf::stateful_actor<supervisor_state>* self, supervisor_spec spec);

} // namespace sallyport::actors
