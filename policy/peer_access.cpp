#include "policy/peer_access.hpp"

#include <algorithm>
#include <array>

#include "net/core/address_use.hpp"

namespace sallyport::policy {

namespace {

/// Where a NAT64 translator would send it (RFC 6052, 2.1): the IPv4 address in the last 32 bits of 64:ff9b::/96. Every
/// other way to write an IPv4 address into an IPv6 one is either the same to `ip_address` (mapped) or of special use.
ip_address translated(const ip_address& peer) {
  static const auto well_known = *ip_prefix::parse("64:ff9b::/96");
  if (!well_known.contains(peer))
    return peer;
  const auto& bytes = peer.bytes();
  return ip_address::v4(std::uint32_t{bytes[12]} << 24 | std::uint32_t{bytes[13]} << 16 |
                        std::uint32_t{bytes[14]} << 8 | bytes[15]);
}

/// Where clouds hand credentials to whoever asks from the machine, besides 169.254.0.0/16: Alibaba, Azure, AWS, Google,
/// Scaleway.
bool is_metadata(const ip_address& peer) {
  static const std::array known{*ip_address::parse("100.100.100.200"), *ip_address::parse("168.63.129.16"),
                                *ip_address::parse("fd00:ec2::254"), *ip_address::parse("fd20:ce::254"),
                                *ip_address::parse("fd00:42::42")};
  return std::ranges::find(known, peer) != known.end();
}

} // namespace

peer_rules describe_peers(const config::model& value, std::vector<ip_address> local_addresses) {
  peer_rules rules{.relay = value.outside.address,
                   .announced = value.media.announce.value_or(value.outside.address),
                   .relay_ports = value.av->relay_ports,
                   .own = std::move(local_addresses),
                   .allowed = value.av->peers.allow};
  rules.own.push_back(value.inside.address);
  const auto add = [&own = rules.own](const std::vector<endpoint>& listeners) {
    for (const auto& listener : listeners)
      own.push_back(listener.address);
  };
  add(value.av->outside.listen);
  add(value.av->inside.listen);
  if (value.access)
    add(value.access->outside.listen);
  return rules;
}

peer_access::peer_access(peer_rules rules) : rules_{std::move(rules)} {
  std::ranges::sort(rules_.own);
}

peer_verdict peer_access::judge(const ip_address& peer) const noexcept {
  const auto host = translated(peer);
  // Before the ranges: behind translation, and on a development node, our relays themselves have a private address.
  if (host == rules_.relay || host == rules_.announced)
    return peer_verdict::relay_ports_only;
  if (std::ranges::binary_search(rules_.own, host) || is_metadata(host))
    return peer_verdict::refused;

  const auto use = use_of(host);
  if (use != address_use::private_use)
    return use == address_use::global ? peer_verdict::any_port : peer_verdict::refused;
  const bool is_allowed =
    std::ranges::any_of(rules_.allowed, [&host](const ip_prefix& each) { return each.contains(host); });
  return is_allowed ? peer_verdict::any_port : peer_verdict::refused;
}

bool peer_access::is_relay_port(std::uint16_t port) const noexcept {
  return rules_.relay_ports.contains(port);
}

} // namespace sallyport::policy
