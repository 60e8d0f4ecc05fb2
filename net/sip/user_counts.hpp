#pragma once
#include <cstdint>

namespace sallyport::sip {

/// What a transaction user has done since it started, and what it waits for.
struct user_counts {
  std::uint64_t in_flight = 0; ///< Events that sessions have not answered yet: the credit they hold.
  std::uint64_t dialogs_started = 0;
  std::uint64_t exchanges_started = 0;
  std::uint64_t sessions_lost = 0; ///< They died of a broken invariant.
  std::uint64_t requests_shed = 0; ///< 503: no room for a session, or it is behind.
  std::uint64_t events_shed = 0;   ///< Of a session that is behind: 1xx, ACK and 2xx of INVITE are lost, requests shed.
  std::uint64_t relayed = 0;       ///< Handed to another lane.
};

} // namespace sallyport::sip
