#include <gtest/gtest.h>

#include "net/sip/server_non_invite_transaction.hpp"
#include "tests/support/sip/transaction_steps.hpp"

namespace sallyport::sip {
namespace {

using machine = server_non_invite_transaction;

void play(bool is_reliable, machine::state end, const std::vector<step>& steps) {
  machine request{at(0), is_reliable, timer_values{}};
  run(request, steps);
  EXPECT_EQ(request.current(), end);
}

} // namespace

TEST(ServerNonInviteTransaction, SaysNothingUntilItsResponseAndRepeatsThatForTimerJ) {
  play(!reliable, machine::state::terminated,
       {{500, stimulus::request, 0, {}},
        {600, stimulus::respond, 200, {.send_response = true}},
        {1500, stimulus::request, 0, {.resend_response = true}},
        {1600, stimulus::respond, 500, {}},
        {32'600, stimulus::expire, 0, {.terminated = true}}});
}

TEST(ServerNonInviteTransaction, OnAStreamEndsWithItsResponse) {
  play(reliable, machine::state::terminated,
       {{600, stimulus::respond, 200, {.send_response = true, .terminated = true}}});
}

TEST(ServerNonInviteTransaction, SendsA100OnlyWhenTheClientsTimerEReachedT2) { // RFC 4320, 4.1
  for (const bool is_reliable : {false, true})
    play(is_reliable, machine::state::proceeding,
         {{3500, stimulus::expire, 0, {.send_trying = true}}, {3600, stimulus::request, 0, {.resend_response = true}}});
}

TEST(ServerNonInviteTransaction, NeverSendsAnyOtherProvisionalResponse) { // RFC 4320, 4.1
  play(!reliable, machine::state::trying, {{100, stimulus::respond, 183, {}}, {200, stimulus::respond, 100, {}}});
}

TEST(ServerNonInviteTransaction, NeverSendsA408) { // RFC 4320, 4.2
  play(!reliable, machine::state::trying, {{100, stimulus::respond, 408, {}}});
}

TEST(ServerNonInviteTransaction, FallsSilentOnceTheClientHasGivenUp) { // RFC 4320, 4.2
  play(!reliable, machine::state::terminated,
       {{3500, stimulus::expire, 0, {.send_trying = true}},
        {32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}},
        {32'001, stimulus::respond, 200, {}}});
}

TEST(ServerNonInviteTransaction, EndsWithItsTransport) {
  play(reliable, machine::state::terminated, {{10, stimulus::fail, 0, {.terminated = true}}});
}

} // namespace sallyport::sip
