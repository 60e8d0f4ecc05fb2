#include "actors/access/access_metrics.hpp"
#include "tests/unit/actors/observe/metric_samples.hpp"

namespace sallyport::test {
namespace {

class AccessMetrics : public testing::Test {
protected:
  [[nodiscard]] metric_samples shown() const {
    actors::metric_families families;
    actors::lane_samples lane{families, 3};
    actors::show_access(lane, sip_);
    return metric_samples{families.take()};
  }

  io::sip_counters sip_;
};

TEST_F(AccessMetrics, EveryCounterIsShown) {
  constexpr std::uint64_t first = 1'000;
  const auto next = number(counters_in(sip_, offsetof(io::sip_counters, refused)), first);
  for (auto expected = first; expected < next; ++expected)
    EXPECT_EQ(shown().count(expected), 1u) << "the counter at place " << expected - first;
}

TEST_F(AccessMetrics, ReasonsAreShownAsTheyComeUp) {
  sip_.refused.add("not_registered");
  sip_.dropped.add("stray_response", 2);
  EXPECT_EQ(shown().value("sallyport_sip_refused_total", {{"lane", "3"}, {"reason", "not_registered"}}), 1u);
  EXPECT_EQ(shown().value("sallyport_sip_dropped_total", {{"lane", "3"}, {"reason", "stray_response"}}), 2u);
}

TEST_F(AccessMetrics, EachSideHasItsOwnSample) {
  sip_.flows_inside.add(2);
  EXPECT_EQ(shown().value("sallyport_connections", {{"lane", "3"}, {"side", "inside"}}), 2u);
  EXPECT_EQ(shown().value("sallyport_connections", {{"lane", "3"}, {"side", "outside"}}), 0u);
}

TEST_F(AccessMetrics, NamesAreUniqueExplainedAndSayWhatKindTheyAre) {
  expect_well_named(shown());
}

} // namespace
} // namespace sallyport::test
