#include <gtest/gtest.h>

#include "net/sip/client_invite_transaction.hpp"
#include "tests/support/sip/transaction_steps.hpp"

namespace sallyport::sip {
namespace {

using machine = client_invite_transaction;

void play(bool is_reliable, machine::state end, const std::vector<step>& steps) {
  machine invite{at(0), is_reliable, timer_values{}};
  run(invite, steps);
  EXPECT_EQ(invite.current(), end);
}

} // namespace

TEST(ClientInviteTransaction, DoublesTimerAUntilTimerBEndsIt) {
  play(!reliable, machine::state::terminated,
       {{500, stimulus::expire, 0, {.send_request = true}},
        {1500, stimulus::expire, 0, {.send_request = true}},
        {3500, stimulus::expire, 0, {.send_request = true}},
        {7500, stimulus::expire, 0, {.send_request = true}},
        {15'500, stimulus::expire, 0, {.send_request = true}},
        {31'500, stimulus::expire, 0, {.send_request = true}},
        {32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}},
        {32'001, stimulus::response, 200, {}}});
}

TEST(ClientInviteTransaction, OnAStreamIsSentOnce) {
  play(reliable, machine::state::terminated, {{32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}}});
}

TEST(ClientInviteTransaction, AProvisionalResponseStopsBothTimers) {
  const auto forgotten = timer_values{}.forgotten_after() + timer_values{}.lifetime();
  machine invite{at(0), !reliable, timer_values{}};
  EXPECT_EQ(invite.receive_response(at(100), 100), (transaction_actions{.deliver = true}));
  EXPECT_EQ(invite.next_deadline(), at(100) + forgotten);
  EXPECT_EQ(invite.receive_response(at(200), 180), (transaction_actions{.deliver = true}));
  EXPECT_EQ(invite.next_deadline(), at(200) + forgotten) << "its proxy has cancelled it before, or is gone";
  EXPECT_EQ(invite.expire(at(200) + forgotten), (transaction_actions{.timed_out = true, .terminated = true}));
}

TEST(ClientInviteTransaction, AcknowledgesARefusalAndEachOfItsRetransmissions) {
  play(!reliable, machine::state::terminated,
       {{100, stimulus::response, 486, {.deliver = true, .send_ack = true}},
        {600, stimulus::response, 486, {.send_ack = true}},
        {700, stimulus::response, 180, {}},
        {800, stimulus::response, 200, {}},
        {32'100, stimulus::expire, 0, {.terminated = true}}}); // Timer D.
}

TEST(ClientInviteTransaction, OnAStreamIsGoneWithTheRefusal) {
  play(reliable, machine::state::terminated,
       {{100, stimulus::response, 180, {.deliver = true}},
        {200, stimulus::response, 486, {.deliver = true, .send_ack = true, .terminated = true}}});
}

TEST(ClientInviteTransaction, DeliversEvery2xxForTimerM) { // RFC 6026, 7.2
  for (const bool is_reliable : {false, true})
    play(is_reliable, machine::state::terminated,
         {{100, stimulus::response, 200, {.deliver = true}},
          {200, stimulus::response, 200, {.deliver = true}},
          {300, stimulus::response, 180, {}},
          {400, stimulus::response, 486, {}},
          {500, stimulus::cancel, 0, {}},
          {32'100, stimulus::expire, 0, {.terminated = true}}});
}

TEST(ClientInviteTransaction, CancelsAtOnceAfterAProvisionalResponse) {
  play(reliable, machine::state::terminated,
       {{100, stimulus::response, 180, {.deliver = true}},
        {200, stimulus::cancel, 0, {.send_cancel = true}},
        {300, stimulus::cancel, 0, {}},
        {400, stimulus::response, 487, {.deliver = true, .send_ack = true, .terminated = true}}});
}

TEST(ClientInviteTransaction, HoldsTheCancelUntilAProvisionalResponseComes) { // RFC 3261, 9.1
  play(reliable, machine::state::proceeding,
       {{100, stimulus::cancel, 0, {}},
        {200, stimulus::response, 100, {.deliver = true, .send_cancel = true}},
        {300, stimulus::response, 180, {.deliver = true}}});
}

TEST(ClientInviteTransaction, NeverSendsTheCancelWhenTheFinalResponseComesFirst) {
  play(reliable, machine::state::accepted,
       {{100, stimulus::cancel, 0, {}}, {200, stimulus::response, 200, {.deliver = true}}});
}

TEST(ClientInviteTransaction, TimesOut64T1AfterACancelWithoutAFinalResponse) { // RFC 3261, 9.1
  play(reliable, machine::state::terminated,
       {{100, stimulus::response, 180, {.deliver = true}},
        {200, stimulus::cancel, 0, {.send_cancel = true}},
        {32'200, stimulus::expire, 0, {.timed_out = true, .terminated = true}}});
}

TEST(ClientInviteTransaction, A2xxThatCrossesTheCancelCounts) {
  play(reliable, machine::state::accepted,
       {{100, stimulus::response, 180, {.deliver = true}},
        {200, stimulus::cancel, 0, {.send_cancel = true}},
        {250, stimulus::response, 200, {.deliver = true}}});
}

TEST(ClientInviteTransaction, EndsWithItsTransportAndSaysSoOnlyWhileItIsUnanswered) {
  play(reliable, machine::state::terminated, {{10, stimulus::fail, 0, {.timed_out = true, .terminated = true}}});
  play(reliable, machine::state::terminated,
       {{10, stimulus::response, 200, {.deliver = true}}, {20, stimulus::fail, 0, {.terminated = true}}});
}

} // namespace sallyport::sip
