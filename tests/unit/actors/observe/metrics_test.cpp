#include <gmock/gmock.h>

#include "actors/lane_service.hpp"
#include "actors/observe/lane_samples.hpp"
#include "actors/observe/metrics.hpp"
#include "tests/unit/actors/observe/metric_samples.hpp"

namespace sallyport::test {
namespace {

using prometheus::MetricType;

/// A share that shows one number.
class share final : public actors::lane_service {
public:
  explicit share(std::uint64_t shows) : shows_{shows} {}
  void close() override {}
  void end() override {}
  void show(actors::lane_samples& out) const override {
    out.add({"things", "Things that exist", MetricType::Gauge}, shows_);
  }

private:
  std::uint64_t shows_;
};

class Metrics : public testing::Test {
protected:
  [[nodiscard]] metric_samples shown() const {
    return metric_samples{actors::metrics{{{&connections_, &turns_, {&first_}}, {&other_, &other_turns_, {&second_}}},
                                          {{"access", &access_}, {"av", &av_}},
                                          {io::proof::registration}}
                            .Collect()};
  }

  io::lane_counters connections_;
  io::lane_counters other_;
  io::recent_longest turns_;
  io::recent_longest other_turns_;
  share first_{11};
  share second_{12};
  actors::session_tally access_;
  actors::session_tally av_;
};

TEST_F(Metrics, EveryCounterOfALaneIsShown) {
  constexpr std::uint64_t first = 1'000;
  const auto next = number(counters_in(connections_), first);
  // `admitted` is no refusal, and by an allocation nobody is proved on this node.
  const std::set<std::uint64_t> unused{connections_.refused[0].read(),
                                       connections_.proved_by(io::proof::allocation).read()};
  for (auto expected = first; expected < next; ++expected)
    EXPECT_EQ(shown().count(expected), unused.contains(expected) ? 0u : 1u) << "the counter at " << expected - first;
}

TEST_F(Metrics, ReasonsAndProofsAreShownFromTheStart) {
  EXPECT_EQ(shown().value("sallyport_closed_total", {{"lane", "0"}, {"reason", "idle"}}), 0u);
  connections_.closed[static_cast<std::size_t>(io::close_reason::idle)].add(2);
  connections_.refused[static_cast<std::size_t>(verdict::source_rate)].add(3);
  connections_.proved[static_cast<std::size_t>(io::proof::registration)].add(4);
  const auto now = shown();
  EXPECT_EQ(now.value("sallyport_closed_total", {{"lane", "0"}, {"reason", "idle"}}), 2u);
  EXPECT_EQ(now.value("sallyport_connections_refused_total", {{"lane", "0"}, {"reason", "source_rate"}}), 3u);
  EXPECT_EQ(now.value("sallyport_connections_proved_total", {{"lane", "0"}, {"proof", "registration"}}), 4u);
  EXPECT_EQ(now.value("sallyport_connections_proved_total", {{"lane", "1"}, {"proof", "registration"}}), 0u);
}

TEST_F(Metrics, EachLaneAndServiceHasItsOwnSampleInTheFamilyOfAll) {
  connections_.accepted.add(5);
  other_.accepted.add(7);
  access_.sessions_failed = 9;
  av_.sessions_failed = 8;
  const auto now = shown();
  EXPECT_EQ(now.value("sallyport_accepted_total", {{"lane", "0"}}), 5u);
  EXPECT_EQ(now.value("sallyport_accepted_total", {{"lane", "1"}}), 7u);
  EXPECT_EQ(now.value("sallyport_things", {{"lane", "0"}}), 11u);
  EXPECT_EQ(now.value("sallyport_things", {{"lane", "1"}}), 12u);
  EXPECT_EQ(now.value("sallyport_session_failures_total", {{"service", "access"}}), 9u);
  EXPECT_EQ(now.value("sallyport_session_failures_total", {{"service", "av"}}), 8u);
}

TEST_F(Metrics, TheLongestTurnOfALaneIsShownInSeconds) {
  using namespace std::chrono_literals;
  turns_.add(time_point{1h}, 3s);
  other_turns_.add(time_point{1h}, 2s);
  EXPECT_EQ(shown().value("sallyport_lane_longest_turn_seconds", {{"lane", "0"}}), 3u);
  EXPECT_EQ(shown().value("sallyport_lane_longest_turn_seconds", {{"lane", "1"}}), 2u);
}

TEST_F(Metrics, NamesAreUniqueExplainedAndSayWhatKindTheyAre) {
  expect_well_named(shown());
}

TEST_F(Metrics, AnAddressThatCannotBeHadIsAnError) {
  const auto source = std::make_shared<actors::metrics>(std::vector<actors::lane_metrics>{},
                                                        std::vector<actors::service_metrics>{}, std::set<io::proof>{});
  const auto nowhere = *endpoint::parse("192.0.2.77:9464"); // Nobody's.
  EXPECT_THROW((actors::metrics_listener{nowhere, source}), std::runtime_error);
}

} // namespace
} // namespace sallyport::test
