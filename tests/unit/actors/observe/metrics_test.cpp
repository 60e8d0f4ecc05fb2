#include <gmock/gmock.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <set>
#include <span>

#include "actors/observe/metrics.hpp"

namespace sallyport::actors {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

/// Every single counter of a struct that consists of counters, arrays of them included.
template <class Counters>
std::span<io::counter> counters_in(Counters& all, std::size_t bytes = sizeof(Counters)) {
  static_assert(sizeof(io::counter) == 8);
  return {reinterpret_cast<io::counter*>(&all), bytes / sizeof(io::counter)};
}

class Metrics : public testing::Test {
protected:
  [[nodiscard]] std::vector<MetricFamily> collect() const {
    return metrics{{{&connections_, &sip_, &sessions_, &turn_, &allocations_lost_}, {.connections = &other_}},
                   {{"access", &access_}, {"av", &av_}}}
      .Collect();
  }
  /// Every number that a scrape shows.
  [[nodiscard]] std::multiset<std::uint64_t> numbers() const {
    std::multiset<std::uint64_t> found;
    for (const auto& family : collect())
      for (const auto& metric : family.metric)
        found.insert(value_of(family, metric));
    return found;
  }
  static std::uint64_t value_of(const MetricFamily& family, const prometheus::ClientMetric& metric) {
    return static_cast<std::uint64_t>(family.type == MetricType::Gauge ? metric.gauge.value : metric.counter.value);
  }
  [[nodiscard]] std::uint64_t value(std::string_view name,
                                    std::vector<std::pair<std::string, std::string>> with) const {
    for (const auto& family : collect()) {
      if (family.name != name)
        continue;
      for (const auto& metric : family.metric) {
        std::vector<std::pair<std::string, std::string>> labels;
        for (const auto& label : metric.label)
          labels.emplace_back(label.name, label.value);
        if (labels == with)
          return value_of(family, metric);
      }
    }
    ADD_FAILURE() << "no sample " << name;
    return 0;
  }

  io::lane_counters connections_;
  io::lane_counters other_;
  io::sip_counters sip_;
  desk_counters sessions_;
  io::turn_counters turn_;
  io::counter allocations_lost_;
  session_tally access_;
  session_tally av_;
};

TEST_F(Metrics, EveryCounterOfALaneIsShown) {
  const std::set<const io::counter*> unused{&connections_.refused[0]}; // `admitted` is no refusal.
  constexpr std::uint64_t first = 1'000;
  auto next = first;
  const auto number = [&](std::span<io::counter> counters) {
    for (auto& each : counters)
      if (!unused.contains(&each))
        each.add(next++);
  };
  number(counters_in(connections_));
  number(counters_in(sip_, offsetof(io::sip_counters, refused)));
  number(counters_in(sessions_));
  number(counters_in(turn_, offsetof(io::turn_counters, refused)));
  number({&allocations_lost_, 1});

  const auto shown = numbers();
  for (auto expected = first; expected < next; ++expected)
    EXPECT_EQ(shown.count(expected), 1u) << "the counter at place " << expected - first;
}

TEST_F(Metrics, ReasonsAreShownAsTheyComeUp) {
  EXPECT_EQ(value("sallyport_closed_total", {{"lane", "0"}, {"reason", "idle"}}), 0u);
  connections_.closed[static_cast<std::size_t>(io::close_reason::idle)].add(2);
  connections_.refused[static_cast<std::size_t>(verdict::source_rate)].add(3);
  sip_.refused.add("not_registered");
  sip_.dropped.add("stray_response");
  sip_.dropped.add("stray_response");
  turn_.refused.add("stale_nonce");
  turn_.dropped.add("no_permission");
  EXPECT_EQ(value("sallyport_closed_total", {{"lane", "0"}, {"reason", "idle"}}), 2u);
  EXPECT_EQ(value("sallyport_connections_refused_total", {{"lane", "0"}, {"reason", "source_rate"}}), 3u);
  EXPECT_EQ(value("sallyport_sip_refused_total", {{"lane", "0"}, {"reason", "not_registered"}}), 1u);
  EXPECT_EQ(value("sallyport_sip_dropped_total", {{"lane", "0"}, {"reason", "stray_response"}}), 2u);
  EXPECT_EQ(value("sallyport_turn_refused_total", {{"lane", "0"}, {"reason", "stale_nonce"}}), 1u);
  EXPECT_EQ(value("sallyport_turn_dropped_total", {{"lane", "0"}, {"reason", "no_permission"}}), 1u);
}

TEST_F(Metrics, EachLaneSideDirectionAndServiceHasItsOwnSample) {
  connections_.accepted.add(5);
  other_.accepted.add(7);
  sip_.flows_inside.add(2);
  turn_.packets_to_peers.add(4);
  turn_.bytes_to_clients.add(6);
  access_.sessions_failed = 9;
  av_.sessions_failed = 8;
  EXPECT_EQ(value("sallyport_accepted_total", {{"lane", "0"}}), 5u);
  EXPECT_EQ(value("sallyport_accepted_total", {{"lane", "1"}}), 7u);
  EXPECT_EQ(value("sallyport_connections", {{"lane", "0"}, {"side", "inside"}}), 2u);
  EXPECT_EQ(value("sallyport_connections", {{"lane", "0"}, {"side", "outside"}}), 0u);
  EXPECT_EQ(value("sallyport_relayed_packets_total", {{"lane", "0"}, {"direction", "to_peer"}}), 4u);
  EXPECT_EQ(value("sallyport_relayed_packets_total", {{"lane", "0"}, {"direction", "to_client"}}), 0u);
  EXPECT_EQ(value("sallyport_relayed_bytes_total", {{"lane", "0"}, {"direction", "to_client"}}), 6u);
  EXPECT_EQ(value("sallyport_session_failures_total", {{"service", "access"}}), 9u);
  EXPECT_EQ(value("sallyport_session_failures_total", {{"service", "av"}}), 8u);
}

TEST_F(Metrics, NamesAreUniqueExplainedAndSayWhatKindTheyAre) {
  std::set<std::string> names;
  for (const auto& family : collect()) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name << " twice";
    EXPECT_FALSE(family.help.empty()) << family.name;
    EXPECT_EQ(family.name.ends_with("_total"), family.type == MetricType::Counter) << family.name;
  }
}

TEST_F(Metrics, AnAddressThatCannotBeHadIsAnError) {
  const auto source = std::make_shared<metrics>(std::vector<lane_metrics>{}, std::vector<service_metrics>{});
  const auto nowhere = *endpoint::parse("192.0.2.77:9464"); // Nobody's.
  EXPECT_THROW((metrics_listener{nowhere, source}), std::runtime_error);
}

} // namespace
} // namespace sallyport::actors
