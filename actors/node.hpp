#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "actors/known_services.hpp"
#include "actors/node_materials.hpp"
#include "actors/observe/metrics.hpp"
#include "actors/port_plan.hpp"
#include "actors/service.hpp"
#include "actors/session_supervisor.hpp"
#include "net/core/peer_gate.hpp"
#include "net/io/address_watch.hpp"
#include "net/io/port.hpp"
#include "net/io/shared_admission.hpp"
#include "net/tls/context_slot.hpp"

namespace sallyport::actors {

/// One running node: its lanes, its actor system, its ports and the certificates shown there, and its services. A
/// service that the configuration leaves out has no listener, no actor and no secret here.
class node {
public:
  /// `kinds`: of the services to choose from. `on_failure`: the root supervisor has given up, and said why: the node is
  /// to be stopped. Called once at most, by any thread. Throws std::runtime_error, with a sentence for the operator,
  /// when an address cannot be had.
  explicit node(
    node_materials made_of, std::span<const service_kind> kinds = known_services(),
    std::function<void()> on_failure = [] {});
  /// Stops what runs.
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// A reload has read this. New connections get its certificates, those there are keep theirs; the services take over
  /// what they can. What throws has changed nothing.
  void renew(const node_materials& read);
  /// The keys in which `read` differs from what the node runs with and which `renew` does not take over.
  [[nodiscard]] std::vector<std::string> keys_for_restart(const config::model& read) const;

  /// Ends it in order: no new connections, those there are closed, lanes joined, actors gone. Of a node that has been
  /// stopped there is nothing left to stop.
  void stop();

  [[nodiscard]] std::size_t lane_count() const noexcept { return lanes_.size(); }
  /// Where its services are to be found.
  [[nodiscard]] std::vector<port_terms> listening() const;
  /// What its services want said when it is ready, each `key=value`.
  [[nodiscard]] std::vector<std::string> ready_facts() const;

private:
  struct running_service {
    std::unique_ptr<service> what;
    std::unique_ptr<session_tally> sessions;
  };
  struct node_port {
    planned_port plan;
    std::unique_ptr<peer_gate> peers; ///< Null outside, where the gate is before all ports together.
  };
  struct lane_parts {
    std::unique_ptr<io::lane> lane;
    std::vector<std::unique_ptr<lane_service>> services; ///< As in `services_`.
    std::list<io::port> ports;
    std::thread thread;
  };

  void plan_ports();
  void raise_files() const;
  void start();
  void start_actors();
  void make_lane(std::uint8_t index, std::size_t lanes);
  void open_port(lane_parts& on, const node_port& planned, std::size_t connections_max);
  void serve_metrics();
  void follow_addresses();
  void run_lanes();
  void close_lanes();
  void end_actors();
  [[nodiscard]] tls::context_slot<tls::server_context>& certificates(side of) noexcept {
    return of == side::outside ? outside_tls_ : inside_tls_;
  }

  const node_materials made_of_;
  const std::function<void()> on_failure_;
  tls::context_slot<tls::server_context> outside_tls_;
  tls::context_slot<tls::server_context> inside_tls_;
  io::shared_admission outside_gate_;
  std::vector<running_service> services_;
  std::vector<node_port> ports_;
  struct actor_world;
  std::unique_ptr<actor_world> world_;
  const std::shared_ptr<io::line_budget> lines_ = std::make_shared<io::line_budget>();
  std::atomic<std::size_t> lanes_running_ = 0;
  std::vector<lane_parts> lanes_;
  std::unique_ptr<metrics_listener> metrics_;
  std::unique_ptr<io::address_watch> addresses_;
};

} // namespace sallyport::actors
