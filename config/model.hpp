#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/access_settings.hpp"
#include "config/av_settings.hpp"
#include "config/limits.hpp"
#include "config/secret_source.hpp"
#include "config/services.hpp"
#include "net/core/address.hpp"

/// The whole configuration of this version, as plain values: what `load` makes of a file (docs/configuration.md tells
/// the operator's side of it). Nothing here was read from disk but the file itself; secrets and certificates are names.
namespace sallyport::config {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };

/// A central site has the whole of a deployment's services; a remote one only brings media closer to its users.
enum class site_kind : std::uint8_t { central, remote };

struct node_settings {
  std::string name;
  std::size_t lanes = 0; ///< 0: one a core of the affinity mask.
  friend bool operator==(const node_settings&, const node_settings&) = default;
};

struct pool_settings {
  std::string name; ///< The public FQDN of the pool: what clients connect to, and what the outside Record-Route names.
  std::size_t nodes = 1;
  site_kind site = site_kind::central;
  std::vector<secret_source> secrets; ///< One or two: the first signs, both verify.
  friend bool operator==(const pool_settings&, const pool_settings&) = default;
};

struct outside_settings {
  ip_address address; ///< The node's own, as its interface holds it.
  bool nat = false;   ///< Declared; what is observed can only add to it.
  friend bool operator==(const outside_settings&, const outside_settings&) = default;
};

struct inside_settings {
  ip_address address;
  friend bool operator==(const inside_settings&, const inside_settings&) = default;
};

struct media_settings {
  std::optional<ip_address> announce; ///< For a node behind NAT; else `outside.address` is announced.
  friend bool operator==(const media_settings&, const media_settings&) = default;
};

struct logging_settings {
  log_level level = log_level::info;
  friend bool operator==(const logging_settings&, const logging_settings&) = default;
};

struct metrics_settings {
  std::optional<endpoint> listen; ///< Prometheus text; none: no listener.
  friend bool operator==(const metrics_settings&, const metrics_settings&) = default;
};

struct model {
  node_settings node;
  service_set services;
  pool_settings pool;
  std::vector<std::string> domains; ///< The SIP domains that are ours: A-labels, lower case.
  outside_settings outside;
  inside_settings inside;
  media_settings media;
  std::optional<access_settings> access; ///< Set exactly when `services` holds it, whatever the file says.
  std::optional<av_settings> av;         ///< The same.
  config::limits limits;
  logging_settings logging;
  metrics_settings metrics;

  /// `run --dev`: certificates and secrets are made on the spot and marked so. No file can say this.
  bool development = false;
  friend bool operator==(const model&, const model&) = default;
};

} // namespace sallyport::config
