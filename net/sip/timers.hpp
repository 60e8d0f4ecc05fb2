#pragma once
#include "net/core/time.hpp"

namespace sallyport::sip {

/// The durations of RFC 3261, table 4, and of the RFCs that add to it. The letters are the RFC's; those that are a
/// multiple of T1 follow it, so a test that shortens T1 shortens them all.
struct timer_values {
  milliseconds t1{500};   ///< Round-trip estimate.
  milliseconds t2{4000};  ///< Longest interval between retransmissions of a non-INVITE request or an INVITE response.
  milliseconds t4{5000};  ///< Longest time a message stays in the network.
  milliseconds d{32'000}; ///< Absorbs retransmitted finals of an INVITE on unreliable transports: at least 32 s.
  milliseconds c{
    200'000}; ///< An INVITE that rings for longer is cancelled: more than 3 minutes (RFC 3261, 16.6 step 11).

  /// Timers B, F, H, J, L and M: how long a transaction lives.
  [[nodiscard]] constexpr milliseconds lifetime() const noexcept { return 64 * t1; }

  /// How long an INVITE waits for its next response before it counts as forgotten: Timer C, and the time that the
  /// CANCEL after it has (RFC 3261, 16.8), twice. Whoever works for it has answered long before.
  [[nodiscard]] constexpr milliseconds forgotten_after() const noexcept { return c + 2 * lifetime(); }

  /// How long a non-INVITE request waits for its first response before it gets a 100: the time a client's Timer E takes
  /// to reach T2 (RFC 4320, 4.1).
  [[nodiscard]] constexpr milliseconds trying_delay() const noexcept {
    milliseconds waited{0};
    for (milliseconds interval = t1; interval < t2 && interval.count() > 0; interval *= 2)
      waited += interval;
    return waited;
  }
};

} // namespace sallyport::sip
