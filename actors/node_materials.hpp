#pragma once
#include <vector>

#include "actors/secrets.hpp"
#include "actors/tls_materials.hpp"
#include "cluster/node_identity.hpp"
#include "config/model.hpp"
#include "config/problem.hpp"
#include "config/turn_credentials.hpp"
#include "net/core/address.hpp"

namespace sallyport::actors {

/// What is read before a node starts, and again at each reload.
struct node_materials {
  config::model settings;
  cluster::node_identity identity;
  pool_keys keys;
  tls_materials tls;
  config::turn_credentials turn;           ///< Empty on a node without the A/V Edge.
  std::vector<ip_address> local_addresses; ///< What this host's interfaces hold.
};

/// What was read, and everything that is wrong with it.
struct judged_materials {
  node_materials materials;
  config::positions where;
  config::problems found;
};

} // namespace sallyport::actors
