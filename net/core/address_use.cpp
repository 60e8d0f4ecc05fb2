#include "net/core/address_use.hpp"

#include <algorithm>
#include <array>

namespace sallyport {
namespace {

template <std::size_t Count>
std::array<ip_prefix, Count> prefixes(const char* const (&texts)[Count]) {
  std::array<ip_prefix, Count> parsed;
  std::ranges::transform(texts, parsed.begin(), [](const char* text) { return *ip_prefix::parse(text); });
  return parsed;
}

const auto& private_ranges() {
  static const auto ranges = prefixes({
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
    "100.64.0.0/10", // RFC 6598
    "198.18.0.0/15", // RFC 2544: for benchmarks, and found inside networks
    "fc00::/7",      // RFC 4193
  });
  return ranges;
}

const auto& special_ranges() {
  static const auto ranges = prefixes({
    "0.0.0.0/8", // RFC 1122, 3.2.1.3: this host
    "127.0.0.0/8",
    "169.254.0.0/16", // RFC 3927: link-local
    "192.0.0.0/24",   // RFC 6890, 2.1: protocol assignments
    "192.88.99.0/24", // RFC 7526: the former 6to4 relays
    "224.0.0.0/4",    // multicast
    "240.0.0.0/4",    // RFC 1112, 4: reserved; broadcast
    "2001::/23",      // RFC 2928: protocol assignments, Teredo's 2001::/32 (RFC 4380) among them
    "2002::/16",      // RFC 3056: 6to4
  });
  return ranges;
}

/// All of IPv6 that is given out to hosts (RFC 4291, 2.4). What lies outside is loopback, link-local, multicast,
/// IPv4-compatible (::/96), translated (64:ff9b:1::/48, RFC 8215), discarded (100::/64, RFC 6666) or nothing yet.
const ip_prefix& global_unicast() {
  static const auto range = *ip_prefix::parse("2000::/3");
  return range;
}

} // namespace

address_use use_of(const ip_address& address) noexcept {
  const auto holds = [&address](const ip_prefix& range) { return range.contains(address); };
  if (std::ranges::any_of(private_ranges(), holds))
    return address_use::private_use;
  if (std::ranges::any_of(special_ranges(), holds))
    return address_use::special;
  return address.is_v4() || global_unicast().contains(address) ? address_use::global : address_use::special;
}

bool is_private_use(const ip_prefix& prefix) noexcept {
  return std::ranges::any_of(private_ranges(), [&prefix](const ip_prefix& range) {
    return prefix.bits >= range.bits && range.contains(prefix.base);
  });
}

} // namespace sallyport
