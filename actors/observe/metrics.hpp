#pragma once
#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/access/desk_counters.hpp"
#include "actors/session_supervisor.hpp"
#include "net/core/address.hpp"
#include "net/io/counters.hpp"
#include "net/io/sip_counters.hpp"
#include "net/io/turn_counters.hpp"

namespace prometheus {
class Exposer;
}

namespace sallyport::actors {

/// What metrics reads of one lane; all of it outlives the exposition.
struct lane_metrics {
  const io::lane_counters* connections = nullptr;
  const io::sip_counters* sip = nullptr;   ///< Null without the Access Edge.
  const desk_counters* sessions = nullptr; ///< Null without the Access Edge.
  const io::turn_counters* turn = nullptr; ///< Null without the A/V Edge, and so is the next.
  const io::counter* allocations_lost = nullptr;
};

/// What metrics reads of one service's supervisor; it outlives the exposition.
struct service_metrics {
  std::string service;
  const session_tally* sessions = nullptr;
};

/// Turns the lanes' counters into Prometheus families, at each scrape.
class metrics final : public prometheus::Collectable {
public:
  metrics(std::vector<lane_metrics> lanes, std::vector<service_metrics> services)
    : lanes_{std::move(lanes)}, services_{std::move(services)} {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
  std::vector<lane_metrics> lanes_;
  std::vector<service_metrics> services_;
};

/// Serves a collectable as Prometheus text at `http://ADDRESS/metrics`.
class metrics_listener {
public:
  /// Throws std::runtime_error when the address cannot be had.
  metrics_listener(const endpoint& address, std::shared_ptr<prometheus::Collectable> source);
  ~metrics_listener();

private:
  std::shared_ptr<prometheus::Collectable> source_; // The exposer holds it weakly.
  std::unique_ptr<prometheus::Exposer> exposer_;
};

} // namespace sallyport::actors
