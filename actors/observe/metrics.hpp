#pragma once
#include <prometheus/collectable.h>

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "actors/session_supervisor.hpp"
#include "net/core/address.hpp"
#include "net/io/counters.hpp"
#include "net/io/page_server.hpp"
#include "net/io/recent_longest.hpp"

namespace sallyport::actors {

class lane_service;

/// What metrics reads of one lane; all of it outlives the exposition.
struct lane_metrics {
  const io::lane_counters* connections = nullptr;
  const io::recent_longest* longest_turn = nullptr;
  std::vector<const lane_service*> services; ///< Their shares of the lane.
};

/// What metrics reads of one service's supervisor; it outlives the exposition.
struct service_metrics {
  std::string service;
  const session_tally* sessions = nullptr;
};

/// Turns the counters of lanes and services into Prometheus families, at each scrape.
class metrics final : public prometheus::Collectable {
public:
  /// `proofs`: those by which a connection may be proved on this node.
  metrics(std::vector<lane_metrics> lanes, std::vector<service_metrics> services, std::set<io::proof> proofs)
    : lanes_{std::move(lanes)}, services_{std::move(services)}, proofs_{std::move(proofs)} {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

private:
  std::vector<lane_metrics> lanes_;
  std::vector<service_metrics> services_;
  std::set<io::proof> proofs_;
};

/// Serves a collectable as Prometheus text at `http://ADDRESS/metrics`, on a thread of its own.
class metrics_listener {
public:
  /// Throws std::runtime_error when the address cannot be had.
  metrics_listener(const endpoint& address, std::shared_ptr<prometheus::Collectable> source);
  ~metrics_listener();
  metrics_listener(const metrics_listener&) = delete;
  metrics_listener& operator=(const metrics_listener&) = delete;

private:
  const std::shared_ptr<prometheus::Collectable> source_;
  io::lane lane_{UINT8_MAX}; ///< None that serves has this number.
  io::page_server server_;
  std::thread thread_;
};

} // namespace sallyport::actors
