#pragma once
#include "actors/secrets.hpp"
#include "cluster/node_identity.hpp"
#include "config/model.hpp"
#include "net/io/sip_endpoint.hpp"

namespace sallyport::actors {

/// What the configuration means for the parts of the Access Edge. Whole-node limits are shared out over the lanes.
[[nodiscard]] std::shared_ptr<const sip::edge_identity> make_edge_identity(const config::model& value);
[[nodiscard]] io::sip_settings make_sip_settings(const config::model& value, const cluster::node_identity& identity,
                                                 const pool_keys& keys, std::size_t lanes);

} // namespace sallyport::actors
