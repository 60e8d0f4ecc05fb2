#include <gtest/gtest.h>

#include "net/sip/server_invite_transaction.hpp"
#include "tests/support/sip/transaction_steps.hpp"

namespace sallyport::sip {
namespace {

using machine = server_invite_transaction;

void play(bool is_reliable, machine::state end, const std::vector<step>& steps) {
  machine invite{at(0), is_reliable, timer_values{}};
  run(invite, steps);
  EXPECT_EQ(invite.current(), end);
  if (end == machine::state::terminated) {
    EXPECT_EQ(invite.next_deadline(), std::nullopt);
  }
}

} // namespace

TEST(ServerInviteTransaction, RepeatsItsLastProvisionalResponseToARetransmission) {
  play(!reliable, machine::state::proceeding,
       {{500, stimulus::request, 0, {.resend_response = true}},
        {700, stimulus::respond, 180, {.send_response = true}},
        {1500, stimulus::request, 0, {.resend_response = true}},
        {1600, stimulus::ack, 0, {}}});
}

TEST(ServerInviteTransaction, RepeatsARefusalByTimerGUntilItsAckAndAbsorbsFurtherAcks) {
  play(!reliable, machine::state::terminated,
       {{0, stimulus::respond, 486, {.send_response = true}},
        {500, stimulus::expire, 0, {.resend_response = true}},
        {900, stimulus::request, 0, {.resend_response = true}},
        {1500, stimulus::expire, 0, {.resend_response = true}},
        {3500, stimulus::expire, 0, {.resend_response = true}},
        {7500, stimulus::expire, 0, {.resend_response = true}}, // T2 from here on.
        {11500, stimulus::expire, 0, {.resend_response = true}},
        {12000, stimulus::ack, 0, {}},
        {12100, stimulus::ack, 0, {}},
        {12200, stimulus::request, 0, {}},
        {12300, stimulus::respond, 500, {}},
        {17000, stimulus::expire, 0, {.terminated = true}}}); // Timer I = T4.
}

TEST(ServerInviteTransaction, TellsWhenARefusalIsNeverAcknowledged) {
  machine invite{at(0), !reliable, timer_values{}};
  EXPECT_TRUE(invite.respond(at(0), 404).send_response);
  EXPECT_EQ(invite.expire(at(32'000)), (transaction_actions{.timed_out = true, .terminated = true})); // Timer H.
  EXPECT_EQ(invite.current(), machine::state::terminated);
}

TEST(ServerInviteTransaction, OnAStreamARefusalIsSentOnceAndGoneWithItsAck) {
  play(reliable, machine::state::terminated,
       {{0, stimulus::respond, 486, {.send_response = true}},
        {400, stimulus::ack, 0, {.terminated = true}}}); // Timer I = 0, no Timer G.
  play(reliable, machine::state::terminated,
       {{0, stimulus::respond, 486, {.send_response = true}},
        {32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}}});
}

TEST(ServerInviteTransaction, AfterA2xxAbsorbsTheInviteAndPassesFurther2xxAndAcks) {
  for (const bool is_reliable : {false, true})
    play(is_reliable, machine::state::terminated,
         {{100, stimulus::respond, 180, {.send_response = true}},
          {200, stimulus::respond, 200, {.send_response = true}},
          {300, stimulus::request, 0, {}},
          {400, stimulus::respond, 200, {.send_response = true}},
          {500, stimulus::respond, 180, {}},
          {600, stimulus::respond, 486, {}},
          {700, stimulus::ack, 0, {.deliver = true}},
          {32'200, stimulus::expire, 0, {.terminated = true}}}); // Timer L.
}

TEST(ServerInviteTransaction, IsForgottenLongAfterTimerCAndItsLastProvisionalResponse) {
  for (const bool is_reliable : {false, true})
    play(is_reliable, machine::state::proceeding,
         {{100'000, stimulus::respond, 180, {.send_response = true}},
          {364'000, stimulus::expire, 0, {.forgotten = true}}}); // Timer C of 200 s, and twice 64*T1.
}

TEST(ServerInviteTransaction, ThatIsForgottenIsAnsweredOnce) {
  play(reliable, machine::state::completed,
       {{264'000, stimulus::expire, 0, {.forgotten = true}},
        {264'000, stimulus::respond, 500, {.send_response = true}},
        {264'100, stimulus::respond, 200, {}}});
}

TEST(ServerInviteTransaction, EndsWithItsTransport) {
  play(reliable, machine::state::terminated,
       {{0, stimulus::fail, 0, {.terminated = true}}, {1, stimulus::respond, 200, {}}});
}

} // namespace sallyport::sip
