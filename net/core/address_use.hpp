#pragma once
#include <cstdint>

#include "net/core/address.hpp"

namespace sallyport {

/// What the range around an address is for, as far as it decides who may be reached there. After IANA's registries of
/// special-purpose addresses (RFC 6890); the documentation ranges count as global, since networks for tests use them.
enum class address_use : std::uint8_t {
  global,      ///< One host, wherever it is.
  private_use, ///< One host of somebody's own network: RFC 1918, RFC 6598 (CGNAT), RFC 4193 (ULA), RFC 2544.
  special,     ///< No host that one could mean: this host, loopback, link-local, multicast, tunnels, unassigned, …
};

[[nodiscard]] address_use use_of(const ip_address& address) noexcept;

/// Whether every address of `prefix` is of private use.
[[nodiscard]] bool is_private_use(const ip_prefix& prefix) noexcept;

} // namespace sallyport
