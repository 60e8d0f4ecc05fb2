#include "policy/topology.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "config/list_limits.hpp"

namespace sallyport::policy {

namespace {

using config::service;

/// What a rule says of a pool; nothing when it is kept.
using verdict = std::optional<topology_violation>;

std::size_t size_of(const pool_description& pool) {
  return std::max(pool.nodes.size(), pool.nodes_declared);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text.append(text.empty() ? "'" : ", '").append(name).append("'");
  return text;
}

verdict judge_nat(const pool_description& pool) {
  if (size_of(pool) < 2)
    return std::nullopt;
  topology_violation found{topology_rule::nat_in_pool, {}, {}, {"outside.address", "outside.nat", "media.announce"}};
  std::string evidence;
  for (const auto& node : pool.nodes)
    if (const auto seen = nat_evidence(node, pool.outside_clients_public); !seen.empty()) {
      found.nodes.push_back(node.name);
      evidence.append("; node '").append(node.name).append("' is behind address translation: ").append(seen);
    }
  if (found.nodes.empty())
    return std::nullopt;
  found.sentence = "address translation (NAT) is allowed for a pool of one node only, and this one has " +
                   std::to_string(size_of(pool)) + evidence;
  return found;
}

/// RFC 8656 relays are useless at an address that no client can reach: NAT in front of media must be spelled out.
verdict judge_announce(const pool_description& pool) {
  topology_violation found{topology_rule::announce_missing, {}, {}, {"media.announce"}};
  for (const auto& node : pool.nodes) {
    const bool is_told_apart = !std::ranges::count(node.local_addresses, node.announced);
    const bool is_reachable = is_told_apart && !(node.announced.is_private() && pool.outside_clients_public);
    if (node.services.contains(service::av) && !is_reachable &&
        !nat_evidence(node, pool.outside_clients_public).empty())
      found.nodes.push_back(node.name);
  }
  if (found.nodes.empty())
    return std::nullopt;
  found.sentence = "behind address translation, media.announce must be the public address that users send media to; "
                   "missing for node " +
                   listed(found.nodes);
  return found;
}

verdict judge_services(const pool_description& pool) {
  topology_violation found{topology_rule::services_differ, {}, {}, {"services"}};
  for (const auto& node : pool.nodes)
    if (node.services != pool.nodes.front().services)
      found.nodes.push_back(node.name);
  if (found.nodes.empty())
    return std::nullopt;
  const auto& first = pool.nodes.front();
  found.sentence = "every node of a pool runs the same services: not those of node '" + first.name + "' (" +
                   first.services.text() + ") are run by node " + listed(found.nodes);
  return found;
}

verdict judge_site(const pool_description& pool) {
  if (pool.site == config::site_kind::central)
    return std::nullopt;
  topology_violation found{topology_rule::remote_site, {}, {}, {"services", "pool.site"}};
  for (const auto& node : pool.nodes)
    if (node.services.contains(service::access))
      found.nodes.push_back(node.name);
  if (found.nodes.empty())
    return std::nullopt;
  found.sentence =
    "a remote site runs only conferencing and av; access belongs to the central site, and is run by node " +
    listed(found.nodes);
  return found;
}

verdict judge_store(const pool_description& pool) {
  if (size_of(pool) < 2 || pool.shared_store)
    return std::nullopt;
  return topology_violation{topology_rule::pool_without_store,
                            "a pool of " + std::to_string(size_of(pool)) + " nodes needs a shared store (Redis)",
                            {},
                            {"pool.nodes"}};
}

verdict judge_size(const pool_description& pool) {
  if (size_of(pool) <= config::pool_nodes_max)
    return std::nullopt;
  return topology_violation{topology_rule::pool_too_large,
                            "a pool has at most " + std::to_string(config::pool_nodes_max) + " nodes, this one " +
                              std::to_string(size_of(pool)),
                            {},
                            {"pool.nodes"}};
}

} // namespace

std::string_view to_string(topology_rule rule) noexcept {
  switch (rule) {
  case topology_rule::nat_in_pool:
    return "nat-in-pool";
  case topology_rule::announce_missing:
    return "announce-missing";
  case topology_rule::services_differ:
    return "services-differ";
  case topology_rule::remote_site:
    return "remote-site";
  case topology_rule::pool_without_store:
    return "pool-without-store";
  case topology_rule::pool_too_large:
    return "pool-too-large";
  }
  return "unknown";
}

std::string nat_evidence(const node_description& node, bool outside_clients_public) {
  if (!std::ranges::count(node.local_addresses, node.announced))
    return "it announces " + node.announced.text() + ", which none of its interfaces holds";
  if (outside_clients_public && node.announced.is_private())
    return "it announces " + node.announced.text() + ", which no client on the internet can reach";
  return node.nat_declared ? "outside.nat says so" : "";
}

std::vector<topology_violation> judge_topology(const pool_description& pool) {
  constexpr std::array rules{judge_nat, judge_announce, judge_services, judge_site, judge_store, judge_size};
  std::vector<topology_violation> broken;
  for (const auto& rule : rules)
    if (auto found = rule(pool))
      broken.push_back(std::move(*found));
  return broken;
}

pool_description describe(const config::model& value, std::vector<ip_address> local_addresses) {
  node_description self{value.node.name, value.services, value.media.announce.value_or(value.outside.address),
                        value.outside.nat, std::move(local_addresses)};
  return {.nodes = {std::move(self)},
          .nodes_declared = value.pool.nodes,
          .site = value.pool.site,
          .shared_store = false,
          .outside_clients_public = !value.outside.address.is_loopback()};
}

} // namespace sallyport::policy
