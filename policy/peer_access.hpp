#pragma once
#include <vector>

#include "config/model.hpp"
#include "net/core/address.hpp"
#include "net/core/peer_filter.hpp"

namespace sallyport::policy {

/// What a node knows of its own network when it judges peers.
struct peer_rules {
  ip_address relay;               ///< Where its relays are bound.
  ip_address announced;           ///< Where others are told they are; the same but behind address translation.
  config::port_range relay_ports; ///< Of both.
  std::vector<ip_address> own;    ///< Every address of this host: what listens there is not for users.
  std::vector<ip_prefix> allowed; ///< Private addresses that may be peers all the same.
};

/// The rules of one configuration. `local_addresses` are those of this host's interfaces; the model must have `av`.
[[nodiscard]] peer_rules describe_peers(const config::model& value, std::vector<ip_address> local_addresses);

/// Whom a relay may exchange packets with (RFC 8656, 21.2 and 21.4): nobody whom the user could not have meant, for the
/// node stands where the user does not. Our own relays are lawful peers, by their ports; all else of this host is not.
class peer_access final : public peer_filter {
public:
  explicit peer_access(peer_rules rules);

  [[nodiscard]] peer_verdict judge(const ip_address& peer) const noexcept override;
  [[nodiscard]] bool is_relay_port(std::uint16_t port) const noexcept override;

private:
  peer_rules rules_;
};

} // namespace sallyport::policy
