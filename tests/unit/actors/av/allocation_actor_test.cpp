#include <gmock/gmock.h>

#include "actors/av/allocation_actor.hpp"
#include "tests/support/virtual_world.hpp"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;

constexpr time_point opened_at{1h};
constexpr turn::allocation_id id{.node = 3, .lane = 1, .index = 7, .generation = 2};

class AllocationActor : public virtual_world {
protected:
  AllocationActor() : actor_{system_.spawn(actors::allocation_actor, &inbox_, id, turn::allocation{{}})} {}
  ~AllocationActor() override {
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    actor_ = nullptr;
    settle();
    EXPECT_EQ(system_.registry().running(), 0u);
  }

  /// The one outcome of this event.
  turn::allocation_answer ask(turn::allocation_event event, time_point now = opened_at) {
    caf::anon_send(actor_, actors::allocation_delivery{now, std::move(event)});
    settle();
    auto orders = inbox_.take();
    EXPECT_EQ(orders.size(), 1u);
    auto& outcome = std::get<actors::allocation_outcome>(orders.front());
    EXPECT_EQ(outcome.allocation, id);
    return std::move(outcome.answer);
  }

  io::inbox<actors::allocation_order> inbox_{8};
  caf::actor actor_;
};

TEST_F(AllocationActor, AnswersEachRequestOnceWithCodeAndRowsTogether) {
  const auto opened = ask({.request = 5, .what = turn::open_request{}});
  EXPECT_EQ(opened.request, 5u);
  EXPECT_EQ(opened.code, 0u);
  EXPECT_EQ(opened.effects, std::vector<turn::effect>{turn::relay_opened{}});

  const auto peer = *ip_address::parse("192.0.2.7");
  const auto permitted = ask({.request = 6, .what = turn::permission_request{{peer}}});
  EXPECT_EQ(permitted.request, 6u);
  EXPECT_EQ(permitted.effects, std::vector<turn::effect>{turn::permission_opened{peer}});
}

TEST_F(AllocationActor, ADeadlineClosesWhatHasRunOut) {
  const auto opened = ask({.request = 1, .what = turn::open_request{}});
  ASSERT_TRUE(opened.next_deadline);
  const auto ended = ask({.request = 0, .what = turn::deadline_passed{}}, *opened.next_deadline);
  EXPECT_TRUE(ended.has_ended);
  EXPECT_EQ(ended.effects, std::vector<turn::effect>{turn::relay_closed{turn::close_reason::expired}});
}

TEST_F(AllocationActor, AMachineThatHasEndedDoesNotEndItsActor) {
  std::ignore = ask({.request = 1, .what = turn::open_request{}});
  EXPECT_TRUE(ask({.request = 2, .what = turn::refresh_request{seconds{0}}}).has_ended);
  EXPECT_EQ(system_.registry().running(), 1u) << "its lane ends it, so that no event is lost in a mailbox";
}

} // namespace
} // namespace sallyport::test
