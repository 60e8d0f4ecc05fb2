#include <gmock/gmock.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "actors/session_supervisor.hpp"
#include "tests/support/captured_log.hpp"
#include "tests/support/virtual_world.hpp"

namespace sallyport::test {
namespace {

using die_atom = caf::atom_constant<caf::atom("die")>;
using leave_atom = caf::atom_constant<caf::atom("leave")>;

class SessionSupervisor : public virtual_world {
protected:
  SessionSupervisor() : supervisor_{system_.spawn(actors::session_supervisor, "access", &tally_)} { settle(); }
  ~SessionSupervisor() override {
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
    supervisor_ = nullptr;
    settle();
    EXPECT_EQ(system_.registry().running(), 0u);
  }

  /// A session under the supervisor: it dies or leaves as it is told, and ends with a reason of its own choice.
  caf::actor adopt() {
    auto session = system_.spawn([](caf::event_based_actor* self) -> caf::behavior {
      return {[](die_atom) { throw std::logic_error{"broken invariant"}; },
              [self](leave_atom) { self->quit(caf::exit_reason::user_shutdown); }};
    });
    caf::anon_send(supervisor_, actors::adopt_atom::value, session);
    settle();
    return session;
  }
  [[nodiscard]] static bool is_gone(caf::actor& session) {
    const auto address = caf::actor_cast<caf::actor_addr>(session);
    session = nullptr;
    return caf::actor_cast<caf::actor>(address) == nullptr;
  }
  [[nodiscard]] std::uint64_t failed() const { return tally_.sessions_failed.load(); }

  actors::session_tally tally_;
  caf::actor supervisor_;
};

TEST_F(SessionSupervisor, CountsASessionThatThrewAndLeavesTheOthersAlone) {
  auto first = adopt();
  auto second = adopt();
  caf::anon_send(first, die_atom::value);
  settle();
  EXPECT_EQ(failed(), 1u);
  EXPECT_TRUE(is_gone(first));

  caf::anon_send(second, die_atom::value); // Alive until now.
  settle();
  EXPECT_EQ(failed(), 2u);
}

TEST_F(SessionSupervisor, AFloodOfFailuresIsCountedInFullAndAFewLines) {
  const captured_log out;
  for (int i = 0; i < 20; ++i)
    caf::anon_send(adopt(), die_atom::value);
  settle();
  EXPECT_EQ(failed(), 20u);
  const auto text = out.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 5);

  pass(std::chrono::seconds{1});
  caf::anon_send(adopt(), die_atom::value);
  settle();
  EXPECT_THAT(out.text(), testing::HasSubstr(" suppressed=15 reason="));
}

TEST_F(SessionSupervisor, AnOrdinaryEndIsNoFailure) {
  auto left = adopt();
  auto ended = adopt();
  caf::anon_send(left, leave_atom::value);
  caf::anon_send_exit(ended, caf::exit_reason::user_shutdown); // How its lane ends it.
  settle();
  EXPECT_EQ(failed(), 0u);
  EXPECT_EQ(system_.registry().running(), 1u) << "the supervisor alone";
  const auto* supervisor = dynamic_cast<const caf::stateful_actor<actors::session_supervisor_state>*>(
    caf::actor_cast<caf::abstract_actor*>(supervisor_));
  EXPECT_TRUE(supervisor->state.sessions.empty()) << "it remembers none that is gone";
}

TEST_F(SessionSupervisor, ASessionThatDiedBeforeItWasAdoptedIsCountedToo) {
  auto session = system_.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](die_atom) { throw std::logic_error{"broken invariant"}; }};
  });
  caf::anon_send(session, die_atom::value);
  settle();
  caf::anon_send(supervisor_, actors::adopt_atom::value, session);
  settle();
  EXPECT_EQ(failed(), 1u);
}

TEST_F(SessionSupervisor, OneThatIsStartedAgainTakesTheNameOfTheOneThatDied) {
  constexpr auto name = caf::atom("av");
  const auto registered = [&] { return system_.registry().get<caf::actor>(name); };
  caf::anon_send_exit(actors::start_service(system_, "av", name, tally_), caf::exit_reason::kill);
  settle();
  const auto second = actors::start_service(system_, "av", name, tally_);
  EXPECT_EQ(registered(), second);

  auto session = system_.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](die_atom) { throw std::logic_error{"broken invariant"}; }};
  });
  caf::anon_send(registered(), actors::adopt_atom::value, session);
  settle();
  caf::anon_send(session, die_atom::value);
  settle();
  EXPECT_EQ(failed(), 1u);
  caf::anon_send_exit(second, caf::exit_reason::user_shutdown);
  system_.registry().erase(name);
}

TEST_F(SessionSupervisor, ItsEndEndsItsSessionsAndCountsNoFailure) {
  std::vector<caf::actor> sessions;
  for (int i = 0; i < 3; ++i)
    sessions.push_back(adopt());
  caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
  settle();
  EXPECT_EQ(system_.registry().running(), 0u);
  for (auto& session : sessions)
    EXPECT_TRUE(is_gone(session));
  EXPECT_EQ(failed(), 0u);
}

} // namespace
} // namespace sallyport::test
