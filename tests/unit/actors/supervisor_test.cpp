#include <stdexcept>

#include "actors/supervisor.hpp"
#include "tests/support/virtual_world.hpp"

namespace sallyport {
using namespace std::chrono_literals;
using die_atom = caf::atom_constant<caf::atom("die")>;
using leave_atom = caf::atom_constant<caf::atom("leave")>;

class Supervisor : public test::virtual_world {
protected:
  /// A child that dies of an exception or leaves normally, as it is told, and counts its starts.
  actors::child_spec mortal(std::string name, int& starts, caf::actor& latest) {
    return {
      std::move(name), [&starts, &latest](caf::scheduled_actor& parent) {
        ++starts;
        latest = parent.spawn([](caf::event_based_actor* self) -> caf::behavior {
          return {[](die_atom) { throw std::logic_error{"broken invariant"}; }, [self](leave_atom) { self->quit(); }};
        });
        return latest;
      }};
  }

  ~Supervisor() override {
    first_ = nullptr;
    second_ = nullptr;
  }

  int first_starts_ = 0;
  int second_starts_ = 0;
  caf::actor first_;
  caf::actor second_;
};

TEST_F(Supervisor, RestartsTheChildThatDiedAndLeavesItsSiblingAlone) {
  auto root = system_.spawn(
    actors::supervisor_actor,
    actors::supervisor_spec{{mortal("a", first_starts_, first_), mortal("b", second_starts_, second_)}, {5, 10s}});
  settle();
  caf::anon_send(first_, die_atom::value);
  settle();

  EXPECT_EQ(first_starts_, 2);
  EXPECT_EQ(second_starts_, 1);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  settle();
}

TEST_F(Supervisor, LeavesAChildThatEndedNormallyDown) {
  auto root =
    system_.spawn(actors::supervisor_actor, actors::supervisor_spec{{mortal("a", first_starts_, first_)}, {5, 10s}});
  settle();
  caf::anon_send(first_, leave_atom::value);
  settle();

  EXPECT_EQ(first_starts_, 1);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  settle();
}

TEST_F(Supervisor, KeepsAChildThatNobodyElseRefersTo) {
  auto root =
    system_.spawn(actors::supervisor_actor, actors::supervisor_spec{{mortal("a", first_starts_, first_)}, {5, 10s}});
  settle();
  first_ = nullptr;
  settle();

  EXPECT_EQ(first_starts_, 1);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  settle();
}

TEST_F(Supervisor, GivesUpOnePastTheRestartIntensityAndItsOtherChildrenEndWithIt) {
  auto root = system_.spawn(
    actors::supervisor_actor,
    actors::supervisor_spec{{mortal("a", first_starts_, first_), mortal("b", second_starts_, second_)}, {2, 10s}});
  settle();
  for (int death = 0; death < 3; ++death) {
    caf::anon_send(first_, die_atom::value);
    settle();
  }

  EXPECT_EQ(first_starts_, 3); // The first start and two restarts.
  const auto sibling = caf::actor_cast<caf::actor_addr>(second_);
  second_ = nullptr;
  EXPECT_EQ(caf::actor_cast<caf::actor>(sibling), nullptr);
  const auto root_address = caf::actor_cast<caf::actor_addr>(root);
  root = nullptr;
  EXPECT_EQ(caf::actor_cast<caf::actor>(root_address), nullptr);
}

TEST_F(Supervisor, OldDeathsDoNotCountTowardTheIntensity) {
  auto root =
    system_.spawn(actors::supervisor_actor, actors::supervisor_spec{{mortal("a", first_starts_, first_)}, {1, 10s}});
  settle();
  for (int death = 0; death < 4; ++death) {
    caf::anon_send(first_, die_atom::value);
    settle();
    pass(11s);
  }

  EXPECT_EQ(first_starts_, 5);
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  settle();
}

} // namespace sallyport
