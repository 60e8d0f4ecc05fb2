#pragma once
#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/metric_type.h>

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace sallyport::actors {

/// What a family of samples is called, without `sallyport_`, what it tells, and whether it only rises. Literals.
struct metric {
  const char* name;
  const char* help;
  prometheus::MetricType type;
};

using metric_labels = std::vector<prometheus::ClientMetric::Label>;

/// The families of one scrape, by name: a sample comes to those of its family, whoever gave them.
class metric_families {
public:
  /// Makes the family be shown, with or without a sample.
  prometheus::MetricFamily& open(const metric& what);
  void add(const metric& what, double value, metric_labels labels);

  [[nodiscard]] std::vector<prometheus::MetricFamily> take();

private:
  std::map<std::string_view, prometheus::MetricFamily> families_;
};

} // namespace sallyport::actors
