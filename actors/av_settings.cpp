#include "actors/av_settings.hpp"

#include <algorithm>
#include <memory>

#include "actors/per_lane.hpp"
#include "actors/random_bits.hpp"

namespace sallyport::actors {
namespace {

seconds in_seconds(milliseconds span) {
  return std::chrono::duration_cast<seconds>(span);
}

} // namespace

turn::allocation_limits make_allocation_limits(const config::limits& limits) {
  return {.lifetime_default = in_seconds(limits.av.allocation_lifetime),
          .lifetime_max = in_seconds(limits.av.allocation_lifetime_max),
          .permissions_max = limits.av.permissions_per_allocation_max,
          .channels_max = limits.av.channels_per_allocation_max};
}

turn::relay_quotas make_relay_quotas(const config::model& value) {
  const auto& ports = value.av->relay_ports;
  constexpr seconds hold{30}; // RFC 8656, 7.2: how long a reserved port waits for its Allocate.
  return {turn::relay_ports{ports.first, ports.last, value.limits.av.relay_port_cooldown, hold},
          {.allocations_max = value.limits.av.allocations_max,
           .allocations_per_user_max = value.limits.av.allocations_per_user_max},
          make_table_hash()};
}

turn::authenticator make_authenticator(const config::model& value, const pool_keys& keys,
                                       const config::turn_credentials& users) {
  std::vector<turn::static_user> known;
  known.reserve(users.users.size());
  for (const auto& user : users.users)
    known.push_back({user.name, user.key, user.identity});
  return {
    std::make_shared<const turn::credentials>(value.av->realm, std::move(known), users.secrets),
    std::make_shared<const turn::nonces>(keys.nonces, keys.former_nonces, in_seconds(value.limits.av.nonce_lifetime))};
}

io::turn_settings make_turn_settings(const config::model& value, const cluster::node_identity& identity,
                                     turn::authenticator who, std::shared_ptr<const peer_filter> peers,
                                     std::size_t lanes) {
  // A source's ports are spread over the lanes: together they give it what the limit says, and each the longest answer.
  const auto rate =
    static_cast<std::uint32_t>(per_lane(value.limits.av.unproved_answer_bytes_per_source.per_second, lanes));
  const auto random = std::make_shared<random_bits>();
  return {.server = {.node = identity.number,
                     .relay_address = value.outside.address,
                     .announced = value.media.announce.value_or(value.outside.address),
                     .requests_in_flight_max = per_lane(value.limits.av.turn_requests_in_flight_max, lanes),
                     .unproved_answer_bytes = {.per_second = rate,
                                               .burst = std::max(rate, turn::server::unproved_answer_bytes_max)},
                     .table_hash = make_table_hash()},
          .who = std::move(who),
          .peers = std::move(peers),
          .random = [random] { return random->next(); }};
}

} // namespace sallyport::actors
