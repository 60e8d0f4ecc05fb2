#pragma once
#include <gtest/gtest.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/stateful_actor.hpp>

namespace sallyport::test {

/// An actor system without threads: time moves and messages run only when the test says so.
class virtual_world : public ::testing::Test {
protected:
  struct quiet_config : caf::actor_system_config {
    quiet_config() { set("scheduler.policy", caf::atom("testing")); }
  };

  /// Runs every queued message; returns how many ran.
  std::size_t settle() { return scheduler_.run(); }

  /// Moves the clock, deadline by deadline, and settles after each. Bounded, unlike `trigger_timeouts()`, which never
  /// ends for an actor that re-arms itself (CAF #1054).
  void pass(caf::timespan span) {
    scheduler_.advance_time(span);
    settle();
  }

  quiet_config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& scheduler_ = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
};

} // namespace sallyport::test
