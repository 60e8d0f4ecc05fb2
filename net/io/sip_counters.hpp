#pragma once
#include "net/io/reason_counters.hpp"
#include "net/sip/transaction_counts.hpp"
#include "net/sip/user_counts.hpp"

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
  counter requests_absorbed;   ///< These nine are the transaction layer's own counts.
  counter responses_absorbed;
  counter responses_late;
  counter cancels_unmatched;
  counter requests_overloaded;
  counter clients_overloaded;
  counter clients_timed_out;
  counter invites_forgotten;
  counter retransmissions;
  counter next_hop_connects;
  counter next_hop_failures;
  counter sessions;  ///< Dialogs and exchanges alive now.
  counter in_flight; ///< These seven are the transaction user's own counts.
  counter dialogs_started;
  counter exchanges_started;
  counter sessions_lost;
  counter requests_shed;
  counter events_shed;
  counter relayed;
  reason_counters refused; ///< Requests that got an answer here.
  reason_counters dropped; ///< Messages that got none.

  void hold(counter& gauge, std::size_t now) noexcept { gauge.set(now); }

  void hold(const sip::transaction_counts& seen) noexcept {
    hold(requests_absorbed, seen.requests_absorbed);
    hold(responses_absorbed, seen.responses_absorbed);
    hold(responses_late, seen.responses_late);
    hold(cancels_unmatched, seen.cancels_unmatched);
    hold(requests_overloaded, seen.requests_refused);
    hold(clients_overloaded, seen.clients_refused);
    hold(clients_timed_out, seen.clients_timed_out);
    hold(invites_forgotten, seen.invites_forgotten);
    hold(retransmissions, seen.retransmissions_sent);
  }

  void hold(const sip::user_counts& seen) noexcept {
    hold(in_flight, seen.in_flight);
    hold(dialogs_started, seen.dialogs_started);
    hold(exchanges_started, seen.exchanges_started);
    hold(sessions_lost, seen.sessions_lost);
    hold(requests_shed, seen.requests_shed);
    hold(events_shed, seen.events_shed);
    hold(relayed, seen.relayed);
  }
};

} // namespace sallyport::io
