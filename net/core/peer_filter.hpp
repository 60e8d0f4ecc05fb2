#pragma once
#include <cstdint>

#include "net/core/address.hpp"

namespace sallyport {

/// Whether a relay may exchange packets with a peer's address.
enum class peer_verdict : std::uint8_t {
  refused,
  any_port,
  relay_ports_only, ///< An address of our own: only where relays have their ports, never a listener or a control port.
};

/// Judges the peers that a client wants its relay to reach. Asked when a permission or a channel opens, and again by
/// the first packet after another filter has taken its place; the ports of `relay_ports_only` addresses are asked for
/// on every packet, so both are quick and do not allocate. Immutable, for several threads at once.
class peer_filter {
public:
  [[nodiscard]] virtual peer_verdict judge(const ip_address& peer) const noexcept = 0;
  [[nodiscard]] virtual bool is_relay_port(std::uint16_t port) const noexcept = 0;

protected:
  ~peer_filter() = default;
};

} // namespace sallyport
