#pragma once
#include <cstddef>
#include <memory>
#include <vector>

#include "actors/av/av_lane.hpp"
#include "actors/service.hpp"
#include "config/surroundings.hpp"
#include "net/core/peer_filter.hpp"
#include "net/io/shared_relay_pool.hpp"

namespace sallyport::actors {

/// The A/V Edge of a node (TURN): its listeners, and what the lanes' relays share: ports, quotas, peers.
class av_service final : public service {
public:
  /// `made_of` has the section `av`, and outlives this.
  av_service(const node_materials& made_of, std::size_t lanes);

  [[nodiscard]] const char* name() const noexcept override { return "av"; }
  [[nodiscard]] std::vector<service_address> addresses() const override;
  [[nodiscard]] std::unique_ptr<lane_service> join(caf::actor_system& system, io::lane& home) override;
  [[nodiscard]] takeover renew(const node_materials& read) override;
  void take_addresses(const std::vector<ip_address>& now) override;
  [[nodiscard]] std::size_t files_max() const override { return made_of_.settings.limits.av.allocations_max; }

private:
  const node_materials& made_of_;
  const std::size_t lane_count_;
  io::shared_relay_pool relays_;
  std::shared_ptr<const peer_filter> peers_; ///< As the host's addresses were when the node started.
  // They outlive the actor system, whose actors hold pointers to them.
  std::vector<std::unique_ptr<io::inbox<allocation_order>>> inboxes_;
  std::vector<av_lane*> lanes_;
};

/// Reads the users and secrets that `av` names.
void read_av(judged_materials& into, const config::surroundings& around);

} // namespace sallyport::actors
