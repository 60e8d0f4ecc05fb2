#pragma once
#include <memory>
#include <vector>

#include "actors/secrets.hpp"
#include "cluster/node_identity.hpp"
#include "config/model.hpp"
#include "config/turn_credentials.hpp"
#include "net/io/turn_endpoint.hpp"
#include "net/turn/allocation.hpp"
#include "net/turn/relay_quotas.hpp"

/// What the A/V Edge's parts are made of, read out of a configuration that has `av`.
namespace sallyport::actors {

[[nodiscard]] turn::allocation_limits make_allocation_limits(const config::limits& limits);

/// The relay ports and quotas of the whole node.
[[nodiscard]] turn::relay_quotas make_relay_quotas(const config::model& value);

[[nodiscard]] turn::authenticator make_authenticator(const config::model& value, const pool_keys& keys,
                                                     const config::turn_credentials& users);

/// Of one lane among `lanes`: no two hash their tables alike.
[[nodiscard]] io::turn_settings make_turn_settings(const config::model& value, const cluster::node_identity& identity,
                                                   turn::authenticator who, std::shared_ptr<const peer_filter> peers,
                                                   std::size_t lanes);

} // namespace sallyport::actors
