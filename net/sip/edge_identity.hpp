#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "net/core/side.hpp"

namespace sallyport::sip {

/// A host and port as they stand in a URI or a Via: the host is a name, an IPv4 address, or an IPv6 one in brackets.
struct host_port {
  std::string host;
  std::uint16_t port = 0; ///< 0: not written, the transport's default.

  [[nodiscard]] std::string text() const;
};

/// What this node is called on one side.
struct side_identity {
  host_port advertised; ///< In Record-Route and Path: outside the pool's name, inside the listener's address.
  host_port sent_by;    ///< In Via: the node itself.
  transport over = transport::tls; ///< In all three.
  std::vector<host_port> names;    ///< What else means it in a Route or Request-URI; port 0 is any port.
};

/// What the node is called on either side.
struct edge_identity {
  side_identity outside;
  side_identity inside;

  [[nodiscard]] const side_identity& of(side which) const noexcept { return which == side::outside ? outside : inside; }
  /// True if the URI host and port (0: not written) name us, whichever side.
  [[nodiscard]] bool is_us(std::string_view host, std::uint16_t port) const noexcept;
  /// True if a Via's sent-by is one of ours.
  [[nodiscard]] bool is_our_sent_by(std::string_view host, std::uint16_t port) const noexcept;
};

} // namespace sallyport::sip
