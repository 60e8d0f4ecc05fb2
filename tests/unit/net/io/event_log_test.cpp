#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "net/io/event_log.hpp"
#include "tests/support/captured_log.hpp"

namespace sallyport::io {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class EventLog : public testing::Test {
protected:
  std::size_t lines() const {
    const auto text = out_.text();
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
  }

  sallyport::test::captured_log out_;
  const endpoint peer_{*ip_address::parse("192.0.2.7"), 40'000};
  event_log log_{3};
};

TEST_F(EventLog, AFloodIsAFewLinesAndTheNextSaysHowManyItLeftOut) {
  for (int i = 0; i < 100; ++i)
    log_.closed(time_point{}, peer_, side::outside, close_reason::handshake_failed, "no shared cipher");
  const auto first = lines();
  EXPECT_LE(first, 5u);
  log_.refused(time_point{}, peer_, verdict::source_rate); // Another reason has lines of its own.
  EXPECT_EQ(lines(), first + 1);

  log_.closed(time_point{1s}, peer_, side::outside, close_reason::handshake_failed, "");
  EXPECT_THAT(out_.text(), HasSubstr("suppressed=" + std::to_string(100 - first)));
  EXPECT_THAT(
    out_.text(),
    HasSubstr(
      "connection closed reason=handshake_failed side=outside detail=\"no shared cipher\" suppressed=0 lane=3"));
}

TEST_F(EventLog, WhatStrangersCauseHasOneBudgetForAllReasonsAndLanes) {
  const auto shared = std::make_shared<line_budget>();
  event_log first{0, shared};
  event_log second{1, shared};
  std::vector<std::string> reasons; // They are kept by view.
  for (int i = 0; i < 100; ++i)
    reasons.push_back("reason_" + std::to_string(i));
  const auto offend = [&](event_log& on, time_point now) {
    for (const auto& reason : reasons)
      on.request_refused(now, peer_, 403, reason);
  };
  for (int i = 0; i < 3; ++i) {
    offend(first, time_point{});
    offend(second, time_point{});
  }
  for (int i = 0; i < 10; ++i) {
    first.closed(time_point{}, peer_, side::outside, close_reason::handshake_failed, "");
    first.refused(time_point{}, peer_, verdict::source_rate);
    first.message_dropped(time_point{}, "stray_response", 0);
    first.allocation_closed(time_point{}, {}, "expired", 0, 0, 0s);
  }
  EXPECT_EQ(lines(), line_budget::lines_at_once_max);

  first.session_lost(time_point{}, 0); // Faults of ours have lines of their own.
  first.failed(time_point{}, "broken invariant");
  EXPECT_EQ(lines(), line_budget::lines_at_once_max + 2);
  offend(second, time_point{1s});
  EXPECT_EQ(lines(), line_budget::lines_at_once_max + 2 + line_budget::lines_per_second_max);
  EXPECT_THAT(out_.text(), HasSubstr("reason=\"reason_9\" trace=- suppressed=3 lane=1"));
}

TEST_F(EventLog, NoStrangerTakesTheLinesOfTheInside) {
  const auto shared = std::make_shared<line_budget>();
  event_log one{0, shared};
  while (shared->take(time_point{}))
    ;
  for (int i = 0; i < 100; ++i)
    one.closed(time_point{}, peer_, side::outside, close_reason::reset, "");
  ASSERT_EQ(lines(), 0u);

  one.closed(time_point{}, peer_, side::inside, close_reason::reset, "");
  EXPECT_THAT(out_.text(), HasSubstr("connection closed reason=reset side=inside detail=\"\" suppressed=0 lane=0"));
  for (int i = 0; i < 100; ++i)
    one.closed(time_point{}, peer_, side::inside, close_reason::reset, "");
  EXPECT_LE(lines(), 5u) << "it is no flood either";
}

TEST_F(EventLog, APeersAddressIsForDebuggingOnly) {
  log_.closed(time_point{}, peer_, side::outside, close_reason::reset, "");
  log_.refused(time_point{}, peer_, verdict::source_rate);
  EXPECT_THAT(out_.text(), Not(HasSubstr("192.0.2.7")));

  spdlog::default_logger()->set_level(spdlog::level::debug);
  log_.closed(time_point{}, peer_, side::outside, close_reason::reset, "");
  EXPECT_THAT(out_.text(), HasSubstr("192.0.2.7:40000"));
}

TEST_F(EventLog, RefusedAndDroppedMessagesHaveTheirReasonAndTheirFloodIsAFewLines) {
  log_.request_refused(time_point{}, peer_, 403, "not_registered", 0xc0ffee);
  EXPECT_THAT(out_.text(), HasSubstr("request refused status=403 reason=\"not_registered\" trace=0000000000c0ffee "
                                     "suppressed=0 lane=3"));
  const auto before = lines();
  for (int i = 0; i < 100; ++i)
    log_.message_dropped(time_point{}, "stray_response", 0);
  EXPECT_THAT(out_.text(), HasSubstr("message dropped reason=\"stray_response\" trace=- suppressed=0 lane=3"));
  EXPECT_LE(lines() - before, 5u);
  EXPECT_THAT(out_.text(), Not(HasSubstr("192.0.2.7")));
}

TEST_F(EventLog, SessionsThatAreLostSayWhoseAndManyAreAFewLines) {
  for (int i = 0; i < 100; ++i)
    log_.session_lost(time_point{}, 0xc0ffee);

  EXPECT_THAT(out_.text(), HasSubstr("session lost trace=0000000000c0ffee suppressed=0 lane=3"));
  EXPECT_LE(lines(), 5u);
}

TEST_F(EventLog, TheEndOfAnAllocationSaysWhatItRelayedAndManyAreAFewLines) {
  const lane_ref id{.node = 1, .lane = 3, .index = 17, .generation = 2};
  for (int i = 0; i < 100; ++i)
    log_.allocation_closed(time_point{}, id, "expired", 120, 80, 600s);

  EXPECT_THAT(out_.text(), HasSubstr("allocation closed reason=\"expired\" to_peers=120 to_clients=80 seconds=600 "
                                     "suppressed=0 lane=3 id=17.2"));
  EXPECT_LE(lines(), 5u);
}

TEST_F(EventLog, OrdinaryEndsAreNoNews) {
  log_.closed(time_point{}, peer_, side::outside, close_reason::peer_closed, "");
  log_.closed(time_point{}, peer_, side::outside, close_reason::local_close, "");

  EXPECT_EQ(lines(), 0u);
}

} // namespace
} // namespace sallyport::io
