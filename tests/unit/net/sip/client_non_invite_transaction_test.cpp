#include <gtest/gtest.h>

#include "net/sip/client_non_invite_transaction.hpp"
#include "tests/support/sip/transaction_steps.hpp"

namespace sallyport::sip {
namespace {

using machine = client_non_invite_transaction;

void play(bool is_reliable, machine::state end, const std::vector<step>& steps) {
  machine request{at(0), is_reliable, timer_values{}};
  run(request, steps);
  EXPECT_EQ(request.current(), end);
}

} // namespace

TEST(ClientNonInviteTransaction, RetransmitsByTimerEUpToT2UntilTimerFEndsIt) {
  play(!reliable, machine::state::terminated,
       {{500, stimulus::expire, 0, {.send_request = true}},
        {1500, stimulus::expire, 0, {.send_request = true}},
        {3500, stimulus::expire, 0, {.send_request = true}},
        {7500, stimulus::expire, 0, {.send_request = true}},
        {11'500, stimulus::expire, 0, {.send_request = true}},
        {15'500, stimulus::expire, 0, {.send_request = true}},
        {19'500, stimulus::expire, 0, {.send_request = true}},
        {23'500, stimulus::expire, 0, {.send_request = true}},
        {27'500, stimulus::expire, 0, {.send_request = true}},
        {31'500, stimulus::expire, 0, {.send_request = true}},
        {32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}}});
}

TEST(ClientNonInviteTransaction, OnceItProceedsRetransmitsEveryT2) {
  play(!reliable, machine::state::proceeding,
       {{100, stimulus::response, 100, {.deliver = true}},
        {500, stimulus::expire, 0, {.send_request = true}},
        {4500, stimulus::expire, 0, {.send_request = true}},
        {8500, stimulus::expire, 0, {.send_request = true}}});
}

TEST(ClientNonInviteTransaction, AbsorbsRetransmittedFinalsForTimerK) {
  play(!reliable, machine::state::terminated,
       {{100, stimulus::response, 200, {.deliver = true}},
        {200, stimulus::response, 200, {}},
        {5100, stimulus::expire, 0, {.terminated = true}}});
}

TEST(ClientNonInviteTransaction, OnAStreamEndsWithItsFinalResponse) {
  play(reliable, machine::state::terminated,
       {{100, stimulus::response, 100, {.deliver = true}},
        {200, stimulus::response, 200, {.deliver = true, .terminated = true}}});
}

TEST(ClientNonInviteTransaction, OnAStreamTimesOutByTimerFAlone) {
  play(reliable, machine::state::terminated,
       {{100, stimulus::response, 100, {.deliver = true}},
        {32'000, stimulus::expire, 0, {.timed_out = true, .terminated = true}}});
}

TEST(ClientNonInviteTransaction, EndsWithItsTransport) {
  play(reliable, machine::state::terminated, {{10, stimulus::fail, 0, {.timed_out = true, .terminated = true}}});
}

} // namespace sallyport::sip
