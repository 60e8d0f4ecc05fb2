#pragma once
#include <variant>

#include "net/sip/arrival.hpp"

namespace sallyport::sip {

/// A SIP server of the inside, by its place in the configuration; the lane chooses its target and connection.
struct next_hop {
  std::uint16_t index = 0;
  friend auto operator<=>(const next_hop&, const next_hop&) = default;
};

/// Where a request is sent: back down a flow that a client opened, or to the inside.
using destination = std::variant<flow_id, next_hop>;

/// Flows are the clients' own; inside everything goes to a next hop.
[[nodiscard]] constexpr side side_of(const destination& to) noexcept {
  return std::holds_alternative<flow_id>(to) ? side::outside : side::inside;
}

struct destination_hash {
  [[nodiscard]] std::size_t operator()(const destination& to) const noexcept {
    if (const auto* flow = std::get_if<flow_id>(&to))
      return lane_ref_hash{}(*flow);
    return std::get<next_hop>(to).index;
  }
};

} // namespace sallyport::sip
