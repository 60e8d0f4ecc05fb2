#include "actors/access/access_service.hpp"

#include <stdexcept>

#include "actors/access_settings.hpp"

namespace sallyport::actors {

access_service::access_service(const node_materials& made_of, std::size_t lanes)
  : settings_{*made_of.settings.access}, next_hop_tls_{made_of.tls.next_hop}, sip_{make_sip_settings(
                                                                                made_of.settings, made_of.identity,
                                                                                made_of.keys, lanes)} {
  if (made_of.tls.next_hop)
    sip_.next_hops.front().tls = &next_hop_tls_;
  const auto& limits = made_of.settings.limits;
  // What can be refused may fill `lane_inbox_max`. What cannot comes on top: the answers of actors by the credit they
  // have, and an actor's end, a final response or a deadline by the sessions and transactions there are.
  for (std::size_t i = 0; i < lanes; ++i)
    inboxes_.push_back(
      std::make_unique<io::inbox<session_order>>(limits.access.lane_inbox_max, limits.access.lane_inbox_bytes_max));
}

std::vector<service_address> access_service::addresses() const {
  const taken_protocol sip{io::stream_protocol::sip, io::proof::registration};
  std::vector<service_address> wanted;
  for (const auto& local : settings_.outside.listen)
    wanted.push_back({.at = {.from = side::outside, .over = transport::tls, .local = local}, .takes = {sip}});
  wanted.push_back({.at = {.from = side::inside,
                           .over = settings_.inside.transport,
                           .local = settings_.inside.listen,
                           .is_shared = false,
                           .peers = settings_.inside.peers,
                           .connections_reserved = sip_.inside_flows_reserved},
                    .takes = {sip}});
  return wanted;
}

std::unique_ptr<lane_service> access_service::join(caf::actor_system& system, io::lane& home) {
  return std::make_unique<access_lane>(system, home, sip_, inboxes_);
}

service::takeover access_service::renew(const node_materials& read) {
  // A file that no longer has the service has no certificate for it either: what runs on keeps its own.
  if (!read.tls.next_hop)
    return {};
  return [this, next = read.tls.next_hop] { next_hop_tls_.swap(next); };
}

std::string access_service::ready_facts() const {
  return "next_hop=" + settings_.next_hop.address.text();
}

void read_access(judged_materials& into, const config::surroundings&) {
  if (!into.materials.settings.access)
    return;
  try {
    auto loaded = load_tls(into.materials.settings, into.where);
    if (loaded)
      into.materials.tls = std::move(*loaded);
    else
      into.found.insert(into.found.end(), loaded.error().begin(), loaded.error().end());
    if (!loaded && into.found.empty()) // A file that went away after `validate` had read it.
      into.found.push_back(into.where.at("access", "its certificates cannot be read"));
  } catch (const std::runtime_error& refused) { // Sound in our eyes, and not in OpenSSL's.
    into.found.push_back(into.where.at("access", refused.what()));
  }
}

} // namespace sallyport::actors
