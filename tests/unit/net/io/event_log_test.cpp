#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
    log_.closed(time_point{}, peer_, close_reason::handshake_failed, "no shared cipher");
  const auto first = lines();
  EXPECT_LE(first, 5u);
  log_.refused(time_point{}, peer_, verdict::source_rate); // Another reason has lines of its own.
  EXPECT_EQ(lines(), first + 1);

  log_.closed(time_point{1s}, peer_, close_reason::handshake_failed, "");
  EXPECT_THAT(out_.text(), HasSubstr("suppressed=" + std::to_string(100 - first)));
  EXPECT_THAT(out_.text(),
              HasSubstr("connection closed reason=handshake_failed detail=\"no shared cipher\" suppressed=0 lane=3"));
}

TEST_F(EventLog, APeersAddressIsForDebuggingOnly) {
  log_.closed(time_point{}, peer_, close_reason::reset, "");
  log_.refused(time_point{}, peer_, verdict::source_rate);
  EXPECT_THAT(out_.text(), Not(HasSubstr("192.0.2.7")));

  spdlog::default_logger()->set_level(spdlog::level::debug);
  log_.closed(time_point{}, peer_, close_reason::reset, "");
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
  log_.closed(time_point{}, peer_, close_reason::peer_closed, "");
  log_.closed(time_point{}, peer_, close_reason::local_close, "");

  EXPECT_EQ(lines(), 0u);
}

} // namespace
} // namespace sallyport::io
