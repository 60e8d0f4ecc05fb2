#pragma once
#include "net/io/reason_counters.hpp"

namespace sallyport::io {

/// What the SIP of one lane has seen since it started, and what it holds now. Written by the lane, read by anybody.
struct sip_counters {
  counter requests;
  counter responses;
  counter pings;               ///< Double CRLFs, each answered with one (RFC 5626, 4.4.1).
  counter flows_outside;       ///< Open now.
  counter flows_inside;        ///< Open now, those to the next hop included.
  counter server_transactions; ///< Held now, lingering ones included.
  counter client_transactions; ///< Held now, lingering ones included.
  counter next_hop_connects;
  counter next_hop_failures;
  reason_counters refused; ///< Requests that got an answer here.
  reason_counters dropped; ///< Messages that got none.

  void hold(counter& gauge, std::size_t now) noexcept {
    const auto before = gauge.read();
    now >= before ? gauge.add(now - before) : gauge.subtract(before - now);
  }
};

} // namespace sallyport::io
