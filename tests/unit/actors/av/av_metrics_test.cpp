#include "actors/av/av_metrics.hpp"
#include "tests/unit/actors/observe/metric_samples.hpp"

namespace sallyport::test {
namespace {

class AvMetrics : public testing::Test {
protected:
  [[nodiscard]] metric_samples shown() const {
    actors::metric_families families;
    actors::lane_samples lane{families, 3};
    actors::show_av(lane, turn_, lost_);
    return metric_samples{families.take()};
  }

  io::turn_counters turn_;
  io::counter lost_;
};

TEST_F(AvMetrics, EveryCounterIsShown) {
  constexpr std::uint64_t first = 1'000;
  auto next = number(counters_in(turn_, offsetof(io::turn_counters, refused)), first);
  next = number({&lost_, 1}, next);
  for (auto expected = first; expected < next; ++expected)
    EXPECT_EQ(shown().count(expected), 1u) << "the counter at place " << expected - first;
}

TEST_F(AvMetrics, ReasonsAreShownAsTheyComeUp) {
  turn_.refused.add("stale_nonce");
  turn_.dropped_by(turn::drop_reason::no_permission).add();
  EXPECT_EQ(shown().value("sallyport_turn_refused_total", {{"lane", "3"}, {"reason", "stale_nonce"}}), 1u);
  EXPECT_EQ(shown().value("sallyport_turn_dropped_total", {{"lane", "3"}, {"reason", "no_permission"}}), 1u);
}

TEST_F(AvMetrics, EachDirectionHasItsOwnSample) {
  turn_.packets_to_peers.add(4);
  turn_.bytes_to_clients.add(6);
  EXPECT_EQ(shown().value("sallyport_relayed_packets_total", {{"lane", "3"}, {"direction", "to_peer"}}), 4u);
  EXPECT_EQ(shown().value("sallyport_relayed_packets_total", {{"lane", "3"}, {"direction", "to_client"}}), 0u);
  EXPECT_EQ(shown().value("sallyport_relayed_bytes_total", {{"lane", "3"}, {"direction", "to_client"}}), 6u);
}

TEST_F(AvMetrics, NamesAreUniqueExplainedAndSayWhatKindTheyAre) {
  expect_well_named(shown());
}

} // namespace
} // namespace sallyport::test
