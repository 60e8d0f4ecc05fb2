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

TEST(Verdict, EveryValueHasAName) {
  for (std::size_t i = 0; i < verdict_count; ++i)
    EXPECT_FALSE(to_string(static_cast<verdict>(i)).empty());
}

} // namespace
} // namespace sallyport
