#include <gtest/gtest.h>

#include "net/core/source_limits.hpp"

namespace sallyport {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{};

ip_address address(const char* text) {
  return *ip_address::parse(text);
}

const source_limits_options roomy{
  .connections_max = 2, .new_connections = {.per_second = 1'000, .burst = 1'000}, .entries_max = 100};

TEST(SourceLimits, RefusesOneConnectionPastTheLimitOfASource) {
  source_limits limits{roomy};
  const auto source = address("192.0.2.1");
  EXPECT_EQ(limits.admit(source, t0), verdict::admitted);
  EXPECT_EQ(limits.admit(source, t0), verdict::admitted);

  EXPECT_EQ(limits.admit(source, t0), verdict::source_connections);
  EXPECT_EQ(limits.admit(address("192.0.2.2"), t0), verdict::admitted);
  limits.released(source);
  EXPECT_EQ(limits.admit(source, t0), verdict::admitted);
}

TEST(SourceLimits, ConnectionsThatProvedThemselvesNoLongerCount) {
  source_limits limits{roomy};
  const auto office = address("192.0.2.1");
  for (int user = 0; user < 50; ++user) {
    ASSERT_EQ(limits.admit(office, t0), verdict::admitted);
    limits.proved(office);
  }

  EXPECT_EQ(limits.connections(office), 0u);
}

TEST(SourceLimits, AConnectionWhoseProofHasEndedCountsAgainAndIsNotTurnedAway) {
  source_limits limits{roomy};
  const auto office = address("192.0.2.1");
  for (int user = 0; user < 3; ++user) {
    ASSERT_EQ(limits.admit(office, t0), verdict::admitted);
    limits.proved(office);
  }
  for (int user = 0; user < 3; ++user)
    EXPECT_TRUE(limits.unproved(office));
  EXPECT_EQ(limits.connections(office), 3u);
  EXPECT_EQ(limits.admit(office, t0), verdict::source_connections);

  limits.released(office);
  limits.proved(office);
  EXPECT_EQ(limits.connections(office), 1u);
  EXPECT_EQ(limits.admit(office, t0), verdict::admitted);
}

TEST(SourceLimits, AFullTableHasNoRoomToCountAnOldConnectionAgain) {
  auto options = roomy;
  options.entries_max = 1;
  source_limits limits{options};
  ASSERT_EQ(limits.admit(address("192.0.2.1"), t0), verdict::admitted);
  EXPECT_FALSE(limits.unproved(address("192.0.2.2")));
}

TEST(SourceLimits, OneBytePastWhatASourceMayHoldIsRefused) {
  auto options = roomy;
  options.held_bytes_max = 100;
  source_limits limits{options};
  const auto source = address("192.0.2.1");
  const auto other = address("192.0.2.2");
  for (const auto& each : {source, source, other})
    ASSERT_EQ(limits.admit(each, t0), verdict::admitted);

  EXPECT_TRUE(limits.hold(source, 0, 60));
  EXPECT_FALSE(limits.hold(source, 0, 41));
  EXPECT_TRUE(limits.hold(source, 0, 40));
  EXPECT_TRUE(limits.hold(other, 0, 100));
  EXPECT_TRUE(limits.hold(source, 60, 0));
  EXPECT_TRUE(limits.hold(source, 40, 100));
}

TEST(SourceLimits, AnIpv6SubnetIsOneSource) {
  source_limits limits{roomy};
  EXPECT_EQ(limits.admit(address("2001:db8::1"), t0), verdict::admitted);
  EXPECT_EQ(limits.admit(address("2001:db8::2"), t0), verdict::admitted);

  EXPECT_EQ(limits.admit(address("2001:db8::3"), t0), verdict::source_connections);
  EXPECT_EQ(limits.admit(address("2001:db8:0:1::3"), t0), verdict::admitted);
}

TEST(SourceLimits, RefusesConnectionsThatComeTooFast) {
  source_limits limits{{.connections_max = 100, .new_connections = {.per_second = 10, .burst = 2}, .entries_max = 10}};
  const auto source = address("192.0.2.1");
  EXPECT_EQ(limits.admit(source, t0), verdict::admitted);
  EXPECT_EQ(limits.admit(source, t0), verdict::admitted);

  EXPECT_EQ(limits.admit(source, t0), verdict::source_rate);
  EXPECT_EQ(limits.admit(source, t0 + 100ms), verdict::admitted);
}

TEST(SourceLimits, AFullTableForgetsTheIdleSourceUsedLongestAgo) {
  auto options = roomy;
  options.entries_max = 2;
  options.new_connections = {.per_second = 1, .burst = 1};
  source_limits limits{options};
  const auto oldest = address("192.0.2.1");
  const auto newer = address("192.0.2.2");
  for (const auto& source : {oldest, newer}) {
    ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
    limits.released(source);
  }

  EXPECT_EQ(limits.admit(address("192.0.2.3"), t0), verdict::admitted);
  EXPECT_EQ(limits.sources(), 2u);
  EXPECT_EQ(limits.admit(newer, t0), verdict::source_rate); // Still remembered.
}

TEST(SourceLimits, AFullTableWithoutIdleSourcesRefusesOneMore) {
  auto options = roomy;
  options.entries_max = 2;
  source_limits limits{options};
  EXPECT_EQ(limits.admit(address("192.0.2.1"), t0), verdict::admitted);
  EXPECT_EQ(limits.admit(address("192.0.2.2"), t0), verdict::admitted);

  EXPECT_EQ(limits.admit(address("192.0.2.3"), t0), verdict::sources_full);
  EXPECT_EQ(limits.admit(address("192.0.2.1"), t0), verdict::admitted);
  limits.released(address("192.0.2.2"));
  EXPECT_EQ(limits.admit(address("192.0.2.3"), t0), verdict::admitted);
}

TEST(AdmissionTicket, GivesItsPlaceBackExactlyOnce) {
  source_limits limits{roomy};
  const auto source = address("192.0.2.1");
  {
    ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
    admission_ticket ticket{limits, source};
    admission_ticket moved{std::move(ticket)};
    EXPECT_EQ(limits.connections(source), 1u);
  }
  EXPECT_EQ(limits.connections(source), 0u);
  {
    ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
    admission_ticket ticket{limits, source};
    ticket.prove();
    ticket.prove();
  }
  EXPECT_EQ(limits.connections(source), 0u);
}

TEST(AdmissionTicket, TellsWhatItHoldsInStepsAndGivesItBack) {
  auto options = roomy;
  options.held_bytes_max = 2 * admission_ticket::step_bytes;
  source_limits limits{options};
  const auto source = address("192.0.2.1");
  ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
  ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
  admission_ticket one{limits, source};
  {
    admission_ticket other{limits, source};
    EXPECT_TRUE(other.hold(1));
    EXPECT_TRUE(other.hold(admission_ticket::step_bytes));
    EXPECT_FALSE(other.hold(2 * admission_ticket::step_bytes + 1));
    EXPECT_FALSE(one.hold(admission_ticket::step_bytes + 1));
    admission_ticket moved{std::move(other)};
    EXPECT_FALSE(one.hold(admission_ticket::step_bytes + 1));
  }
  EXPECT_TRUE(one.hold(2 * admission_ticket::step_bytes));
  one.prove();
  EXPECT_TRUE(one.hold(SIZE_MAX / 2)) << "of a user nobody keeps count";
  EXPECT_TRUE(limits.unproved(source));
  EXPECT_TRUE(limits.hold(source, 0, options.held_bytes_max)) << "nothing was left behind";
}

TEST(AdmissionTicket, CountsAgainOnceHoweverOftenItIsTold) {
  source_limits limits{roomy};
  const auto source = address("192.0.2.1");
  ASSERT_EQ(limits.admit(source, t0), verdict::admitted);
  {
    admission_ticket ticket{limits, source};
    ticket.prove();
    ticket.unprove();
    ticket.unprove();
    EXPECT_EQ(limits.connections(source), 1u);
    EXPECT_TRUE(ticket.prove());
    EXPECT_EQ(limits.connections(source), 0u);
    ticket.unprove();
  }
  EXPECT_EQ(limits.connections(source), 0u);
  admission_ticket{}.unprove();
}

TEST(Verdict, EveryValueHasAName) {
  for (std::size_t i = 0; i < verdict_count; ++i)
    EXPECT_FALSE(to_string(static_cast<verdict>(i)).empty());
}

} // namespace
} // namespace sallyport
