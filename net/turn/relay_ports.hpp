#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/core/deadline_heap.hpp"
#include "net/core/time.hpp"
#include "net/turn/port_set.hpp"
#include "net/turn/reservation_token.hpp"

namespace sallyport::turn {

/// Which relay ports are free, held for a reservation token, in use or cooling. No port is two of these, so a relayed
/// transport address is of one allocation at most (RFC 8656, 5).
///
/// Ports are drawn at random from all that are free (RFC 8656, 7.2; RFC 6056, 3.3), in constant time whether one is
/// free or all. One that was in use cools before it is drawn again: peers of the former allocation may still be sending
/// to it. Where no other is free, the one that has cooled longest is taken: a user who makes and ends allocations in
/// turn is never past a quota, and could have all of them cooling. Pure: time arrives as `now`, 64 fresh random bits
/// as `random`.
class relay_ports {
public:
  /// The ports `first` to `last`, both included. `hold` is how long the odd port of a pair waits for its token, at
  /// least 30 s (RFC 8656, 7.2).
  relay_ports(std::uint16_t first, std::uint16_t last, milliseconds cooldown, milliseconds hold = seconds{30});

  /// A free port, of any parity, else the one that has cooled longest; nothing when all are in use or held.
  [[nodiscard]] std::optional<std::uint16_t> take(time_point now, std::uint64_t random);
  /// A free even port.
  [[nodiscard]] std::optional<std::uint16_t> take_even(time_point now, std::uint64_t random);

  struct pair {
    std::uint16_t even = 0;
    reservation_token token{}; ///< Claims `even` + 1, once.
  };
  /// A free even port whose odd neighbour is free too; the neighbour is held. `fresh` is random: six bytes of it go
  /// into the token, behind the number of the port.
  [[nodiscard]] std::optional<pair> take_pair(time_point now, std::uint64_t random, const reservation_token& fresh);
  /// The port that is held for this token; nothing when there is none: unknown, used before, or held too long ago.
  [[nodiscard]] std::optional<std::uint16_t> claim(const reservation_token& token, time_point now);

  /// Ends the use of a port. It cools, then it is free.
  void give_back(std::uint16_t port, time_point now);
  /// As if it had not been drawn: nobody has used it, and it needs no cooldown.
  void put_back(std::uint16_t port, time_point now);
  /// Ends a hold that nobody was told of: its port is free at once. Nothing happens if the token holds nothing.
  void release(const reservation_token& token, time_point now);

  [[nodiscard]] std::size_t in_use() const noexcept { return count(state::in_use); }
  [[nodiscard]] std::size_t held() const noexcept { return count(state::held); } ///< At the last call that had a time.
  [[nodiscard]] std::size_t cooling() const noexcept {
    return count(state::cooling);
  } ///< At the last call that had a time.

private:
  enum class state : std::uint8_t { free, held, in_use, cooling };
  struct slot {
    state is = state::free;
    reservation_token token{}; // While held.
  };

  [[nodiscard]] std::size_t count(state which) const noexcept { return counts_[static_cast<std::size_t>(which)]; }
  [[nodiscard]] std::optional<std::uint16_t> draw(const port_set& from, time_point now, std::uint64_t random);
  [[nodiscard]] std::optional<std::uint16_t> held_by(const reservation_token& token) const;
  void expire(time_point now);
  void end_use(std::uint16_t port, state next, std::optional<time_point> until);
  void enter(std::uint16_t port, state next, std::optional<time_point> until);
  void index_evenness(std::uint16_t port);

  std::uint16_t first_;
  std::uint16_t last_;
  milliseconds cooldown_;
  milliseconds hold_;
  std::vector<slot> slots_; // By port - first_.
  std::array<std::size_t, 4> counts_{};
  port_set free_;
  port_set free_even_;
  port_set free_pairs_;     // Even ports that are free and have a free odd neighbour.
  deadline_heap holds_;     // When they end, by port - first_.
  deadline_heap cooldowns_; // As well.
};

} // namespace sallyport::turn
