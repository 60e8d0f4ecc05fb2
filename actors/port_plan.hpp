#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/result.hpp"
#include "net/core/side.hpp"
#include "net/io/first_bytes.hpp"
#include "net/io/proof.hpp"

namespace sallyport::actors {

/// An address of a node, and what holds there for everybody.
struct port_terms {
  side from = side::outside;
  transport over = transport::tls; ///< UDP: one service's own, always.
  endpoint local;
  bool is_shared = true;        ///< See `io::port_options`.
  std::vector<ip_prefix> peers; ///< Inside: who may connect. Outside it is anybody, within the limits of a source.
  std::size_t connections_reserved = 0; ///< On each lane, besides its share of `limits.connections_max`.
  friend bool operator==(const port_terms&, const port_terms&) = default;
};

/// Connections that a service takes at an address.
struct taken_protocol {
  io::stream_protocol protocol;
  io::proof proved_by;
};

struct service_address {
  port_terms at;
  std::vector<taken_protocol> takes; ///< None over UDP.
};

/// What one service wants.
struct wanted_addresses {
  const char* name; ///< The service's.
  std::vector<service_address> addresses;
};

/// One port of every lane.
struct planned_port {
  struct taker {
    std::size_t service; ///< By its place among those that want addresses.
    taken_protocol takes;
  };
  port_terms at;
  std::vector<taker> takers; ///< None over UDP.
};

/// Makes one port of each address, however many services are to be found there. The error is a sentence for the
/// operator: who is in the way of whom, and where.
[[nodiscard]] result<std::vector<planned_port>, std::string> plan_ports(std::span<const wanted_addresses> services);

} // namespace sallyport::actors
