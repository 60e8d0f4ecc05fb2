#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "net/core/time.hpp"

namespace sallyport {

/// Names one armed timer. The default value names none; so does the id of a timer that fired or was cancelled, even
/// when its cell serves another by now.
struct timer_id {
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  [[nodiscard]] explicit operator bool() const noexcept { return generation != 0; }
  friend bool operator==(const timer_id&, const timer_id&) = default;
};

/// The order of a timer wheel without its values: cells, linked into the slots of a hashed hierarchical wheel.
///
/// Ticks of 10 ms, four levels of 64 slots (0.64 s, 41 s, 44 min, 46 h; what lies beyond waits in the last level and is
/// sorted in again). Pure: time arrives as `now`.
class timer_slots {
public:
  static constexpr milliseconds tick{10};

  timer_slots(time_point now, std::size_t timers_max);

  /// The null id when `timers_max` are armed.
  [[nodiscard]] timer_id arm(time_point deadline);
  bool cancel(timer_id id);
  [[nodiscard]] bool is_armed(timer_id id) const noexcept;

  /// Takes off the soonest timer due at `now` and returns its cell; nothing when none is left. Time does not go back.
  [[nodiscard]] std::optional<std::uint32_t> take_due(time_point now);
  [[nodiscard]] std::optional<time_point> next_deadline() const;
  [[nodiscard]] std::size_t size() const noexcept { return armed_; }

private:
  using tick_count = std::uint64_t;
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr unsigned levels = 4;
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots_per_level = 1U << slot_bits;

  struct cell {
    tick_count due = 0;
    std::uint32_t generation = 1;
    std::uint32_t slot = none; // None while free.
    std::uint32_t previous = none;
    std::uint32_t next = none; // In its slot's list, or in the list of free cells.
  };
  struct slot_list {
    std::uint32_t first = none;
    std::uint32_t last = none;
  };

  static unsigned slot_of(unsigned level, tick_count at) noexcept;
  tick_count tick_not_after(time_point at) const;
  unsigned level_of(tick_count due) const noexcept;
  std::optional<tick_count> next_tick() const noexcept;
  void sort_in_later_levels();
  void link(std::uint32_t index);
  void unlink(std::uint32_t index);
  void release(std::uint32_t index);

  time_point origin_;
  std::size_t timers_max_;
  tick_count current_ = 0; // Every slot before this tick has been emptied.
  std::size_t armed_ = 0;
  std::uint32_t free_ = none;
  std::vector<cell> cells_;
  std::array<slot_list, levels * slots_per_level> slots_;
  std::array<std::uint64_t, levels> occupied_{}; // A bit for each slot with a timer.
};

} // namespace sallyport
