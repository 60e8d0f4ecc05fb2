#pragma once
#include <gtest/gtest.h>
#include <prometheus/metric_family.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/io/counters.hpp"

namespace sallyport::test {

/// Every single counter of a struct that consists of counters, arrays of them included.
template <class Counters>
std::span<io::counter> counters_in(Counters& all, std::size_t size = sizeof(Counters)) {
  static_assert(sizeof(io::counter) == 8);
  return {reinterpret_cast<io::counter*>(&all), size / sizeof(io::counter)};
}

/// Sets every counter to a number of its own; the first that is free after them.
inline std::uint64_t number(std::span<io::counter> counters, std::uint64_t first) {
  for (auto& each : counters)
    each.set(first++);
  return first;
}

/// What a scrape shows.
class metric_samples {
public:
  explicit metric_samples(std::vector<prometheus::MetricFamily> shown) : shown_{std::move(shown)} {}

  /// How often that number is shown.
  [[nodiscard]] std::size_t count(std::uint64_t number) const {
    std::size_t found = 0;
    for (const auto& family : shown_)
      for (const auto& metric : family.metric)
        found += value_of(family, metric) == number ? 1 : 0;
    return found;
  }

  using labels = std::vector<std::pair<std::string, std::string>>;
  [[nodiscard]] std::uint64_t value(std::string_view name, const labels& with) const {
    for (const auto& family : shown_)
      for (const auto& metric : family.metric)
        if (family.name == name && labels_of(metric) == with)
          return value_of(family, metric);
    ADD_FAILURE() << "no sample " << name;
    return 0;
  }

  [[nodiscard]] const std::vector<prometheus::MetricFamily>& families() const noexcept { return shown_; }

private:
  static std::uint64_t value_of(const prometheus::MetricFamily& family, const prometheus::ClientMetric& metric) {
    const bool is_gauge = family.type == prometheus::MetricType::Gauge;
    return static_cast<std::uint64_t>(is_gauge ? metric.gauge.value : metric.counter.value);
  }
  static labels labels_of(const prometheus::ClientMetric& metric) {
    labels found;
    for (const auto& label : metric.label)
      found.emplace_back(label.name, label.value);
    return found;
  }

  std::vector<prometheus::MetricFamily> shown_;
};

/// Names are told apart, explained, and say what kind they are.
inline void expect_well_named(const metric_samples& shown) {
  std::set<std::string> names;
  for (const auto& family : shown.families()) {
    EXPECT_TRUE(names.insert(family.name).second) << family.name << " twice";
    EXPECT_FALSE(family.help.empty()) << family.name;
    EXPECT_EQ(family.name.ends_with("_total"), family.type == prometheus::MetricType::Counter) << family.name;
  }
}

} // namespace sallyport::test
