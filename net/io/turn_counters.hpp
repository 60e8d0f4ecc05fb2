#pragma once
#include <array>

#include "net/io/reason_counters.hpp"
#include "net/turn/drop_reason.hpp"

namespace sallyport::io {

/// What the TURN of one lane has seen since it started, and what it holds now. Written by the lane, read by anybody.
struct turn_counters {
  counter packets_to_peers;
  counter bytes_to_peers; ///< As sent: without TURN's framing.
  counter packets_to_clients;
  counter bytes_to_clients;        ///< As sent: with TURN's framing.
  counter requests;                ///< Of any method, Binding among them.
  counter bindings;                ///< Of these, Binding.
  counter answers;                 ///< Responses handed to the kernel, refusals among them.
  counter unauthorized_suppressed; ///< Requests without proof that got no answer, since their source had enough.
  counter allocations;             ///< Held now.
  counter allocations_opened;
  counter permissions;                             ///< Held now.
  counter channels;                                ///< Held now.
  counter requests_in_flight;                      ///< Asked of an actor and not answered yet.
  counter peer_rules_renewed;                      ///< Taken over since the addresses of this host changed.
  reason_counters refused;                         ///< Requests that got an error.
  std::array<counter, turn::drop_reasons> dropped; ///< What got no answer and was not relayed, by reason.

  [[nodiscard]] counter& dropped_by(turn::drop_reason why) { return dropped[static_cast<std::size_t>(why)]; }
  [[nodiscard]] const counter& dropped_by(turn::drop_reason why) const {
    return dropped[static_cast<std::size_t>(why)];
  }
};

} // namespace sallyport::io
