#pragma once
#include "net/core/address.hpp"
#include "net/core/lane_key.hpp"
#include "net/core/side.hpp"

namespace sallyport::sip {

using flow_id = lane_ref;        ///< One connection, or one UDP 5-tuple.
using session_id = lane_ref;     ///< One dialog or exchange actor.
using transaction_id = lane_ref; ///< One server transaction.

// The same for tokens, which outlive lanes and processes.
using flow_key = lane_key;
using session_key = lane_key; ///< Where a session began: it never changes.

/// Whose flow it is, in 64 bits (flow_binding.hpp); 0: not known.
using binding_id = std::uint64_t;

/// Where a message came from, as the lane that read it knows.
struct arrival {
  flow_id flow;
  side from = side::outside;
  transport over = transport::tls;
  endpoint source;
  binding_id binding = 0;   ///< Of the client that has registered on the flow.
  bool is_unproved = false; ///< It is to show that a user of ours is behind it, and has not: its budgets are small.
};

} // namespace sallyport::sip
