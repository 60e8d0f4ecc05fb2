#include "actors/observe/metric_families.hpp"

#include <string>

namespace sallyport::actors {

prometheus::MetricFamily& metric_families::open(const metric& what) {
  auto [place, is_new] = families_.try_emplace(what.name);
  if (is_new)
    place->second = {std::string{"sallyport_"} + what.name, what.help, what.type, {}};
  return place->second;
}

void metric_families::add(const metric& what, double value, metric_labels labels) {
  prometheus::ClientMetric sample;
  sample.label = std::move(labels);
  (what.type == prometheus::MetricType::Gauge ? sample.gauge.value : sample.counter.value) = value;
  open(what).metric.push_back(std::move(sample));
}

std::vector<prometheus::MetricFamily> metric_families::take() {
  std::vector<prometheus::MetricFamily> taken;
  for (auto& [name, family] : families_)
    taken.push_back(std::move(family));
  families_.clear();
  return taken;
}

} // namespace sallyport::actors
