#include <gmock/gmock.h>

#include <stdexcept>

#include "actors/actor_faults.hpp"
#include "tests/support/virtual_world.hpp"

namespace sallyport::test {
namespace {

using fail_atom = caf::atom_constant<caf::atom("fail")>;

class ActorFaults : public virtual_world {
protected:
  /// What an actor ends with that throws `thrown`.
  template <class Thrown>
  std::string end_of(Thrown thrown) {
    auto failing = system_.spawn([thrown](caf::event_based_actor* self) -> caf::behavior {
      self->set_exception_handler(&actors::fault_of);
      return {[thrown](fail_atom) { throw thrown; }};
    });
    std::string ended;
    failing->attach_functor([&](const caf::error& reason) { ended = system_.render(reason); });
    caf::anon_send(failing, fail_atom::value);
    settle();
    return ended;
  }
};

TEST_F(ActorFaults, SayWhatWasThrownAndWriteNothingThemselves) {
  testing::internal::CaptureStderr();
  const auto ended = end_of(std::logic_error{"broken invariant"});
  EXPECT_THAT(ended, testing::HasSubstr("broken invariant"));
  EXPECT_THAT(end_of(17), testing::HasSubstr("runtime_error"));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

} // namespace
} // namespace sallyport::test
