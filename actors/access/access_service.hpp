#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "actors/access/access_lane.hpp"
#include "actors/service.hpp"
#include "config/surroundings.hpp"
#include "net/tls/client_context.hpp"
#include "net/tls/context_slot.hpp"

namespace sallyport::actors {

/// The Access Edge of a node (SIP): where it listens, and what all its lanes share.
class access_service final : public service {
public:
  /// `made_of` has the section `access`.
  access_service(const node_materials& made_of, std::size_t lanes);

  [[nodiscard]] const char* name() const noexcept override { return "access"; }
  [[nodiscard]] std::vector<service_address> addresses() const override;
  [[nodiscard]] std::unique_ptr<lane_service> join(caf::actor_system& system, io::lane& home) override;
  [[nodiscard]] takeover renew(const node_materials& read) override;
  [[nodiscard]] std::string ready_facts() const override;

private:
  const config::access_settings settings_;
  tls::context_slot<tls::client_context> next_hop_tls_;
  io::sip_settings sip_;
  // They outlive the actor system, whose actors hold pointers to them.
  std::vector<std::unique_ptr<io::inbox<session_order>>> inboxes_;
};

/// Reads the certificates that `access` names, and judges them.
void read_access(judged_materials& into, const config::surroundings& around);

} // namespace sallyport::actors
