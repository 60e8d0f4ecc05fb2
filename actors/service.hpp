#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/lane_service.hpp"
#include "actors/node_materials.hpp"
#include "actors/port_plan.hpp"
#include "net/io/lane.hpp"

namespace caf {
class actor_system;
}

namespace sallyport::actors {

/// One service of a node: what the shares of all its lanes have in common, and what the node has to know of it. It is
/// made before the actor system and the lanes, and outlives them. Every call but
/// `take_addresses` is for the thread that owns the node.
class service {
public:
  virtual ~service() = default;

  /// A literal: what its supervisor, its metrics and the configuration call it. At most ten letters, as CAF's atoms.
  [[nodiscard]] virtual const char* name() const noexcept = 0;
  /// Where clients find it. The node opens the ports of TCP and TLS; those of UDP are each share's own.
  [[nodiscard]] virtual std::vector<service_address> addresses() const = 0;

  /// Makes its share of a lane that does not run yet; once for each lane, in order. Throws std::runtime_error, with a
  /// sentence for the operator, when an address cannot be had.
  [[nodiscard]] virtual std::unique_ptr<lane_service> join(caf::actor_system& system, io::lane& home) = 0;

  /// What a reload takes over, while the lanes run. May be empty.
  using takeover = std::function<void()>;
  /// A reload has read this: makes what takes over the keys whose rows say `renewal::reload`, and changes nothing yet.
  /// May throw; what it has made may not.
  [[nodiscard]] virtual takeover renew(const node_materials&) { return {}; }

  /// What this host's interfaces hold now; from a thread of the node's own, while the lanes run, whenever it changes.
  /// May throw: it is asked again.
  virtual void take_addresses(const std::vector<ip_address>&) {}

  /// Files that it may have open at once, besides its connections.
  [[nodiscard]] virtual std::size_t files_max() const { return 0; }
  /// What the log says of it once the node serves: `key=value`, or nothing.
  [[nodiscard]] virtual std::string ready_facts() const { return {}; }
};

} // namespace sallyport::actors
