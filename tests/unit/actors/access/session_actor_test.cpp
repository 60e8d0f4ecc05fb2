#include <gmock/gmock.h>

#include "actors/access/session_actor.hpp"
#include "tests/support/edge_settings.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/virtual_world.hpp"

namespace sallyport::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr time_point t0{1h};

class SessionActor : public virtual_world {
protected:
  ~SessionActor() override {
    caf::anon_send_exit(session_, caf::exit_reason::user_shutdown);
    session_ = nullptr;
    settle();
    EXPECT_EQ(system_.registry().running(), 0u);
  }

  [[nodiscard]] static sip::session_facts facts() {
    return {.self = {this_node, 0, 5, 1},
            .node = this_node,
            .incarnation = this_incarnation,
            .tokens = edge_tokens(),
            .loop_key = std::make_shared<const keyed_hash>(key_of(1)),
            .identity = edge()};
  }
  void deliver(sip::session_event event, time_point now = t0, std::uint64_t random = 1) {
    caf::anon_send(session_, actors::session_delivery{now, random, std::move(event)});
  }
  [[nodiscard]] static sip::session_event request(const request_text& text) {
    return sip::request_received{{this_node, 0, 9, 1},
                                 {{this_node, 0, 2, 1}, side::outside, transport::tls, {}},
                                 *sip::message::parse(text.text()),
                                 sip::next_hop{},
                                 {}};
  }
  /// What came into the lane's inbox since the last call; all of it must be outcomes of this session.
  std::vector<sip::session_outcome> outcomes() {
    settle();
    std::vector<sip::session_outcome> found;
    for (auto& order : inbox_.take()) {
      auto* outcome = std::get_if<sip::session_outcome>(&order);
      EXPECT_NE(outcome, nullptr);
      if (outcome) {
        EXPECT_EQ(outcome->session, facts().self);
        found.push_back(std::move(*outcome));
      }
    }
    return found;
  }

  io::inbox<actors::session_order> inbox_{4};
  caf::actor session_;
};

TEST_F(SessionActor, AnswersEachEventByOneOutcomeInTheirOrder) {
  session_ = system_.spawn(actors::dialog_actor, &inbox_, facts());
  deliver(request({.method = "INVITE"}));
  deliver(sip::cancel_received{{this_node, 0, 9, 1}}, t0 + 1s);
  deliver(sip::client_failed{77, sip::client_failure_reason::timed_out}, t0 + 2s); // Of no request of its.
  const auto answered = outcomes();
  ASSERT_EQ(answered.size(), 3u);
  ASSERT_EQ(answered[0].answer.orders.size(), 1u);
  const auto* sent = std::get_if<sip::send_request>(&answered[0].answer.orders[0]);
  ASSERT_NE(sent, nullptr);
  EXPECT_THAT(sent->bytes, HasSubstr("INVITE sip:bob@edge.example"));
  ASSERT_EQ(answered[1].answer.orders.size(), 1u);
  EXPECT_EQ(std::get<sip::cancel_request>(answered[1].answer.orders[0]).number, sent->number);
  EXPECT_TRUE(answered[2].answer.orders.empty());
}

TEST_F(SessionActor, SaysWhenToWakeItNext) {
  session_ = system_.spawn(actors::dialog_actor, &inbox_, facts());
  deliver(request({.method = "INVITE"}));
  const auto answered = outcomes();
  ASSERT_EQ(answered.size(), 1u);
  EXPECT_EQ(answered[0].next_deadline, t0 + sip::timer_values{}.c);
  EXPECT_FALSE(answered[0].has_ended);
}

TEST_F(SessionActor, SaysThatItHasEndedAndWaitsForItsLaneToEndIt) {
  session_ = system_.spawn(actors::exchange_actor, &inbox_, facts());
  deliver(request({.method = "MESSAGE"}));
  deliver(sip::client_failed{1, sip::client_failure_reason::timed_out});
  auto answered = outcomes();
  ASSERT_EQ(answered.size(), 2u);
  EXPECT_FALSE(answered[0].has_ended);
  EXPECT_TRUE(answered[1].has_ended);

  deliver(sip::deadline_passed{}); // Was on its way already.
  EXPECT_EQ(outcomes().size(), 1u);
}

TEST_F(SessionActor, TheSameBitsMakeTheSameBranchAndOthersAnother) {
  std::vector<std::string> branches;
  for (const std::uint64_t random : {1, 1, 2}) {
    caf::anon_send_exit(session_, caf::exit_reason::user_shutdown);
    session_ = system_.spawn(actors::exchange_actor, &inbox_, facts());
    deliver(request({}), t0, random);
    const auto answered = outcomes();
    ASSERT_EQ(answered.size(), 1u);
    branches.push_back(std::get<sip::send_request>(answered[0].answer.orders.at(0)).branch);
  }
  EXPECT_EQ(branches[0], branches[1]);
  EXPECT_NE(branches[0], branches[2]);
}

TEST_F(SessionActor, ItsAnswersAreHeardWhateverFillsItsInbox) {
  session_ = system_.spawn(actors::dialog_actor, &inbox_, facts());
  while (inbox_.try_push(actors::session_actor_gone{})) // Responses from elsewhere, say.
    ;
  for (int i = 0; i < 3; ++i)
    deliver(sip::deadline_passed{});
  settle();
  const auto waiting = inbox_.take();
  const auto is_answer = [](const auto& order) { return std::holds_alternative<sip::session_outcome>(order); };
  EXPECT_EQ(std::ranges::count_if(waiting, is_answer), 3);
}

} // namespace
} // namespace sallyport::test
