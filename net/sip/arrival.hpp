#pragma once
#include "net/core/address.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/side.hpp"

namespace sallyport::sip {

using flow_id = lane_ref;        ///< One connection, or one UDP 5-tuple.
using session_id = lane_ref;     ///< One dialog or exchange actor.
using transaction_id = lane_ref; ///< One server transaction.

/// Where a message came from, as the lane that read it knows.
struct arrival {
  flow_id flow;
  side from = side::outside;
  transport over = transport::tls;
  endpoint source;
};

} // namespace sallyport::sip
