#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/model.hpp"
#include "config/services.hpp"
#include "net/core/address.hpp"

/// Which nodes may form a pool: the one judge of it, asked wherever one could be made wrong: `check` and `run` today.
namespace sallyport::policy {

/// A node as it describes itself, to this judge and to the rest of its pool.
struct node_description {
  std::string name;
  config::service_set services;
  ip_address announced;                    ///< Where outside users are told to send media.
  bool nat_declared = false;               ///< `outside.nat`: can only add to what is observed.
  std::vector<ip_address> local_addresses; ///< What its interfaces held when it started: observed, not declared.
};

struct pool_description {
  std::vector<node_description> nodes; ///< The node that asks first, then every other one it knows of.
  std::size_t nodes_declared = 1;      ///< `pool.nodes`: counts where it is more than are known.
  config::site_kind site = config::site_kind::central;
  bool shared_store = false;          ///< Redis; without it a pool has no common memory.
  bool outside_clients_public = true; ///< False only where no client comes over the internet.
};

enum class topology_rule : std::uint8_t {
  nat_in_pool,        ///< Address translation is for a pool of one node.
  announce_missing,   ///< A NATed node that relays media says at which public address.
  services_differ,    ///< Every node of a pool runs the same services.
  remote_site,        ///< A remote site runs only conferencing and A/V.
  pool_without_store, ///< More than one node needs Redis.
  pool_too_large,     ///< At most 32 nodes.
};

[[nodiscard]] std::string_view to_string(topology_rule rule) noexcept;

struct topology_violation {
  topology_rule rule;
  std::string sentence;            ///< For the operator, complete.
  std::vector<std::string> nodes;  ///< Names of the nodes at fault.
  std::vector<std::string> fields; ///< Keys of the configuration to look at, the likeliest first.
};

/// Why `node` counts as NATed, as the end of a sentence ("it announces 10.0.0.1, which is private"); empty if it does
/// not.
[[nodiscard]] std::string nat_evidence(const node_description& node, bool outside_clients_public);

/// Every rule the pool breaks, each at most once; none means it may stand.
[[nodiscard]] std::vector<topology_violation> judge_topology(const pool_description& pool);

/// The pool of one configuration file: the node itself, and as many more as it declares. `local_addresses` are those of
/// this host's interfaces.
[[nodiscard]] pool_description describe(const config::model& value, std::vector<ip_address> local_addresses);

} // namespace sallyport::policy
