#include <poll.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "net/io/inbox.hpp"

// A race as one of ours would be: an actor touches what it has handed to its lane. ThreadSanitizer has to report it, or
// actors_tests without a report says nothing: this program's test passes on the report alone.

namespace sallyport {
namespace {

caf::behavior hasty_actor(caf::event_based_actor*, io::inbox<int*>* home) {
  return {[=](std::int64_t first) {
    static int shared = 0;
    home->push(&shared);
    shared += static_cast<int>(first);
  }};
}

int run() {
  struct settings : caf::actor_system_config {
    settings() { set("scheduler.policy", caf::atom("sharing")); } // As a node's.
  };
  settings config;
  io::inbox<int*> home{1}; // Outlives the actor system.
  caf::actor_system system{config};
  // Kept to the end: the count of who holds it would put its ends in an order, and with them the race.
  const auto hasty = system.spawn(hasty_actor, &home);
  caf::anon_send(hasty, std::int64_t{1});

  pollfd woken{.fd = home.wake_fd(), .events = POLLIN, .revents = 0};
  if (::poll(&woken, 1, 10'000) != 1)
    return 1;
  for (auto* shared : home.take())
    ++*shared;
  return 0;
}

} // namespace
} // namespace sallyport

int main() {
  return sallyport::run();
}
