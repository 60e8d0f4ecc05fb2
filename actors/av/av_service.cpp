#include "actors/av/av_service.hpp"

#include <stdexcept>

#include "actors/av_settings.hpp"
#include "config/dev.hpp"
#include "policy/peer_access.hpp"

namespace sallyport::actors {

namespace {

std::shared_ptr<const peer_filter> peers_of(const config::model& settings, const std::vector<ip_address>& addresses) {
  return std::make_shared<const policy::peer_access>(policy::describe_peers(settings, addresses));
}

} // namespace

av_service::av_service(const node_materials& made_of, std::size_t lanes)
  : made_of_{made_of}, lane_count_{lanes}, relays_{make_relay_quotas(made_of.settings)}, peers_{peers_of(
                                                                                           made_of.settings,
                                                                                           made_of.local_addresses)} {}

std::vector<service_address> av_service::addresses() const {
  std::vector<service_address> wanted;
  const auto add = [&](side from, const std::vector<endpoint>& listeners) {
    for (const auto& local : listeners)
      wanted.push_back({.at = {.from = from, .over = transport::udp, .local = local}, .takes = {}});
  };
  add(side::outside, made_of_.settings.av->outside.listen);
  add(side::inside, made_of_.settings.av->inside.listen);
  return wanted;
}

std::unique_ptr<lane_service> av_service::join(caf::actor_system& system, io::lane& home) {
  const auto& settings = made_of_.settings;
  inboxes_.push_back(std::make_unique<io::inbox<allocation_order>>());
  auto who = make_authenticator(settings, made_of_.keys, made_of_.turn);
  auto joined = std::make_unique<av_lane>(
    system, home, make_allocation_limits(settings.limits),
    make_turn_settings(settings, made_of_.identity, std::move(who), peers_, lane_count_), relays_, *inboxes_.back());
  std::vector<endpoint> listeners;
  for (const auto& wanted : addresses())
    listeners.push_back(wanted.at.local);
  if (const auto opened = joined->open(listeners); !opened)
    throw std::runtime_error{"cannot listen on " + opened.error()};
  lanes_.push_back(joined.get());
  return joined;
}

service::takeover av_service::renew(const node_materials& read) {
  if (!read.settings.av) // It says nothing of users: those there are stay.
    return {};
  auto who =
    std::make_shared<const turn::authenticator>(make_authenticator(made_of_.settings, made_of_.keys, read.turn));
  return [this, who = std::move(who)] {
    for (auto* lane : lanes_)
      lane->renew(who);
  };
}

void av_service::take_addresses(const std::vector<ip_address>& now) {
  const auto peers = peers_of(made_of_.settings, now);
  for (auto* lane : lanes_)
    lane->renew(peers);
}

void read_av(judged_materials& into, const config::surroundings& around) {
  const auto& settings = into.materials.settings;
  if (!settings.av)
    return;
  if (settings.development) {
    into.materials.turn = config::development_turn_credentials();
    return;
  }
  auto read = config::read_turn_credentials(settings, into.where, around);
  if (read)
    into.materials.turn = std::move(*read);
  else if (into.found.empty()) // Files that have changed since `validate` read them: a reload must not lock users out.
    into.found = std::move(read.error());
}

} // namespace sallyport::actors
