#pragma once
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "actors/access/access_lane.hpp"
#include "actors/av/av_lane.hpp"
#include "actors/observe/metrics.hpp"
#include "actors/secrets.hpp"
#include "actors/session_supervisor.hpp"
#include "actors/tls_materials.hpp"
#include "cluster/node_identity.hpp"
#include "config/model.hpp"
#include "config/turn_credentials.hpp"
#include "net/core/peer_gate.hpp"
#include "net/io/shared_admission.hpp"
#include "net/io/shared_relay_pool.hpp"
#include "net/tls/context_slot.hpp"
#include "policy/peer_access.hpp"

namespace sallyport::actors {

/// One running node: its lanes, its actor system, and what both share. A service that the configuration leaves out has
/// no listener, no actor and no secret here.
class node {
public:
  /// What was read and judged before the node starts.
  struct materials {
    config::model settings;
    cluster::node_identity identity;
    pool_keys keys;
    tls_materials tls;
    config::turn_credentials turn;           ///< Empty on a node without the service.
    std::vector<ip_address> local_addresses; ///< What this host's interfaces held when the node started.
  };

  /// Throws std::runtime_error, with a sentence for the operator, when an address cannot be had.
  explicit node(materials made_of);
  ~node();
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// New connections get these certificates; those there are keep theirs.
  void swap_certificates(const tls_materials& renewed);

  /// Requests for relays are judged by these; relays there are stay until a request of their own is refused.
  void renew_turn_credentials(const config::turn_credentials& renewed);

  /// Ends it in order: no new connections, those there are closed, lanes joined, actors gone. Called once.
  void stop();

  [[nodiscard]] std::size_t lane_count() const noexcept { return lanes_.size(); }

private:
  struct lane_parts {
    std::unique_ptr<io::lane> lane;
    std::unique_ptr<access_lane> access;
    std::unique_ptr<av_lane> av;
    std::thread thread;
  };

  void start_actors();
  void make_access();
  void open_access();
  void make_av();
  void serve_metrics();
  void run_lanes();
  void close_lanes();
  void end_actors();

  materials made_of_;
  tls::context_slot<tls::server_context> outside_tls_;
  tls::context_slot<tls::server_context> inside_tls_;
  tls::context_slot<tls::client_context> next_hop_tls_;
  io::shared_admission outside_gate_;
  peer_gate inside_gate_;
  session_tally access_tally_;
  session_tally av_tally_;
  std::unique_ptr<io::shared_relay_pool> relays_;
  std::unique_ptr<const policy::peer_access> peers_;
  // The inboxes outlive the actor system, whose actors hold pointers to them (docs/caf: order of destruction).
  std::vector<std::unique_ptr<io::inbox<desk_order>>> inboxes_;
  std::vector<std::unique_ptr<io::inbox<allocation_order>>> allocation_inboxes_;
  struct actor_world;
  std::unique_ptr<actor_world> world_;
  std::vector<lane_parts> lanes_;
  std::unique_ptr<metrics_listener> metrics_;
};

} // namespace sallyport::actors
