#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "net/core/time.hpp"
#include "net/core/timer_slots.hpp"
#include "net/core/undo.hpp"

namespace sallyport {

/// A timer wheel with generations: arming and cancelling take constant time however many timers there are, and a stale
/// id neither fires nor cancels another's timer.
///
/// A timer fires at the first 10 ms tick not before its deadline: never early, at most one tick late. Pure: time
/// arrives as `now`.
template <class Value>
class timer_wheel {
public:
  timer_wheel(time_point now, std::size_t timers_max) : slots_{now, timers_max} {}

  /// The null id when `timers_max` are armed already.
  [[nodiscard]] timer_id arm(time_point deadline, Value value) {
    const auto id = slots_.arm(deadline);
    if (!id)
      return id;
    undo unarmed{[&] { slots_.cancel(id); }};
    if (id.index == values_.size())
      values_.emplace_back();
    unarmed.keep();
    values_[id.index].emplace(std::move(value));
    return id;
  }

  /// False when the timer has fired or was cancelled before.
  bool cancel(timer_id id) {
    if (!slots_.cancel(id))
      return false;
    values_[id.index].reset();
    return true;
  }

  [[nodiscard]] bool is_armed(timer_id id) const noexcept { return slots_.is_armed(id); }

  /// Takes off the soonest timer due at `now`; nothing when none is left.
  [[nodiscard]] std::optional<Value> take_due(time_point now) {
    const auto index = slots_.take_due(now);
    return index ? std::exchange(values_[*index], std::nullopt) : std::nullopt;
  }

  /// Calls `fire(Value)` for every timer due at `now`, soonest first. `fire` may arm and cancel.
  template <class Fire>
  void expire(time_point now, Fire&& fire) {
    while (auto due = take_due(now))
      fire(std::move(*due));
  }

  /// When `expire` should be called next: not later than the soonest timer, and earlier only to sort timers of a far
  /// level in. Nothing while no timer is armed.
  [[nodiscard]] std::optional<time_point> next_deadline() const { return slots_.next_deadline(); }
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }

private:
  timer_slots slots_;
  std::vector<std::optional<Value>> values_; // By cell.
};

} // namespace sallyport
