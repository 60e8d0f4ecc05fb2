#pragma once
#include <cstdint>

namespace sallyport::sip {

/// What a transaction layer saw since it started.
struct transaction_counts {
  std::uint64_t requests_absorbed = 0;    ///< Retransmissions, and ACKs of refusals.
  std::uint64_t responses_absorbed = 0;   ///< Retransmissions, 100s, and answers to our CANCELs.
  std::uint64_t responses_stray = 0;      ///< Match nothing, or came from whom nobody asked; dropped (RFC 6026, 8.9).
  std::uint64_t responses_late = 0;       ///< From the transaction user, not allowed any more; dropped.
  std::uint64_t cancels_unmatched = 0;    ///< Answered 481.
  std::uint64_t requests_unmatchable = 0; ///< No Via, Call-ID, From or CSeq to match by; dropped.
  std::uint64_t requests_refused = 0;     ///< 503: the table, or the bytes kept, are at their limit.
  std::uint64_t clients_refused = 0;      ///< Not sent, for the same limits.
  std::uint64_t clients_timed_out = 0;
  std::uint64_t invites_forgotten = 0; ///< No response for longer than Timer C allows: answered 500 here.
  std::uint64_t retransmissions_sent = 0;
};

} // namespace sallyport::sip
