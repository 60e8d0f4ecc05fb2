#include <gtest/gtest.h>

#include "net/sip/response_context.hpp"

namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{};
constexpr bool invite = true;
using state = response_context::state;

} // namespace

TEST(ResponseContext, ForwardsEveryProvisionalResponseOfAnInviteButThe100) { // 16.7 step 5
  response_context context{t0, invite, timer_values{}};
  EXPECT_EQ(context.receive_response(t0, 100), context_answer{});
  EXPECT_EQ(context.receive_response(t0, 180), (context_answer{.forward = true}));
  EXPECT_EQ(context.receive_response(t0, 199), (context_answer{.forward = true}));
}

TEST(ResponseContext, ForwardsEvery2xxAndNothingAfterIt) {
  response_context context{t0, invite, timer_values{}};
  EXPECT_TRUE(context.receive_response(t0, 200).forward);
  EXPECT_TRUE(context.receive_response(t0, 202).forward);
  EXPECT_FALSE(context.receive_response(t0, 180).forward);
  EXPECT_FALSE(context.receive_response(t0, 486).forward);
  EXPECT_EQ(context.fail(client_failure_reason::transport), context_answer{});
  EXPECT_EQ(context.current(), state::accepted);
  EXPECT_EQ(context.expire(t0 + 32s), context_answer{});
  EXPECT_EQ(context.current(), state::done);
  EXPECT_FALSE(context.receive_response(t0 + 33s, 200).forward);
}

TEST(ResponseContext, ForwardsOneOtherFinalResponse) {
  response_context context{t0, invite, timer_values{}};
  EXPECT_TRUE(context.receive_response(t0, 600).forward);
  EXPECT_EQ(context.receive_response(t0, 200), context_answer{});
  EXPECT_EQ(context.next_deadline(), std::nullopt);
}

TEST(ResponseContext, TimerCStartsAnewWith101To199AndNotWith100) { // 16.7 step 2
  response_context context{t0, invite, timer_values{}};
  EXPECT_EQ(context.next_deadline(), t0 + 200s);
  (void)context.receive_response(t0 + 10s, 100);
  EXPECT_EQ(context.next_deadline(), t0 + 200s);
  (void)context.receive_response(t0 + 20s, 183);
  EXPECT_EQ(context.next_deadline(), t0 + 220s);
  EXPECT_EQ(context.expire(t0 + 219s), context_answer{});
  EXPECT_EQ(context.expire(t0 + 220s), (context_answer{.cancel = true}));
  EXPECT_EQ(context.fail(client_failure_reason::timed_out), (context_answer{.status = 408}));
}

TEST(ResponseContext, CancelsOnceAndForwardsWhateverFinalComes) {
  for (const unsigned status : {200U, 487U, 486U}) {
    response_context context{t0, invite, timer_values{}};
    EXPECT_EQ(context.cancel(), (context_answer{.cancel = true}));
    EXPECT_EQ(context.cancel(), context_answer{});
    EXPECT_EQ(context.current(), state::cancelling);
    EXPECT_TRUE(context.receive_response(t0, status).forward);
    EXPECT_EQ(context.cancel(), context_answer{});
  }
}

TEST(ResponseContext, ACancelledInviteWithoutFinalMeans487) {
  response_context context{t0, invite, timer_values{}};
  (void)context.cancel();
  EXPECT_EQ(context.fail(client_failure_reason::timed_out), (context_answer{.status = 487}));
}

TEST(ResponseContext, WhoseOutcomeNeverComesIsDoneAllTheSame) { // It was lost on its way here.
  response_context message{t0, !invite, timer_values{}};
  EXPECT_EQ(message.next_deadline(), t0 + 48s) << "Timer F ended at 32 s";
  EXPECT_EQ(message.expire(t0 + 48s), context_answer{});
  EXPECT_EQ(message.current(), state::done);

  response_context call{t0, invite, timer_values{}};
  EXPECT_EQ(call.expire(t0 + 200s), (context_answer{.cancel = true}));
  EXPECT_EQ(call.next_deadline(), t0 + 248s);
  EXPECT_EQ(call.expire(t0 + 248s), (context_answer{.status = 408}));
  EXPECT_EQ(call.next_deadline(), std::nullopt);

  response_context cancelled{t0, invite, timer_values{}};
  (void)cancelled.cancel();
  EXPECT_EQ(cancelled.next_deadline(), t0 + 248s);
  EXPECT_EQ(cancelled.expire(t0 + 248s), (context_answer{.status = 487}));
}

TEST(ResponseContext, AFailureMeans408Or503ToAnInvite) {
  const auto answer_to = [](client_failure_reason reason) {
    return response_context{t0, invite, timer_values{}}.fail(reason).status;
  };
  EXPECT_EQ(answer_to(client_failure_reason::timed_out), 408U);
  EXPECT_EQ(answer_to(client_failure_reason::transport), 503U);
  EXPECT_EQ(answer_to(client_failure_reason::overload), 503U);
}

TEST(ResponseContext, ANonInviteHasNoTimerCNoProvisionalResponsesNoCancelAndNo408) { // RFC 4320
  response_context context{t0, !invite, timer_values{}};
  EXPECT_EQ(context.receive_response(t0, 183), context_answer{});
  EXPECT_EQ(context.cancel(), context_answer{});
  EXPECT_EQ(context.fail(client_failure_reason::timed_out), context_answer{});
  EXPECT_EQ(context.current(), state::done);
}

TEST(ResponseContext, ANonInviteIsDoneWithItsFinalResponse) {
  response_context context{t0, !invite, timer_values{}};
  EXPECT_TRUE(context.receive_response(t0, 200).forward);
  EXPECT_EQ(context.current(), state::done);
}

} // namespace sallyport::sip
