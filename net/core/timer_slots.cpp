#include "net/core/timer_slots.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace sallyport {

timer_slots::timer_slots(time_point now, std::size_t timers_max) : origin_{now}, timers_max_{timers_max} {
  assert(timers_max < none);
}

timer_id timer_slots::arm(time_point deadline) {
  if (armed_ == timers_max_)
    return {};
  auto index = free_;
  if (index == none) {
    index = static_cast<std::uint32_t>(cells_.size());
    cells_.emplace_back();
  } else {
    free_ = cells_[index].next;
  }
  // Rounded up, so that no timer fires early.
  const auto floor = tick_not_after(deadline);
  const auto due = deadline > origin_ + tick * static_cast<std::int64_t>(floor) ? floor + 1 : floor;
  cells_[index].due = std::max(due, current_ + 1);
  link(index);
  ++armed_;
  return {index, cells_[index].generation};
}

bool timer_slots::cancel(timer_id id) {
  if (!is_armed(id))
    return false;
  unlink(id.index);
  release(id.index);
  return true;
}

bool timer_slots::is_armed(timer_id id) const noexcept {
  return id && id.index < cells_.size() && cells_[id.index].generation == id.generation &&
         cells_[id.index].slot != none;
}

std::optional<std::uint32_t> timer_slots::take_due(time_point now) {
  const auto target = tick_not_after(now);
  while (true) {
    const auto index = slots_[slot_of(0, current_)].first;
    if (index != none) {
      unlink(index);
      release(index);
      return index;
    }
    if (current_ >= target)
      return std::nullopt;
    const auto next = next_tick();
    current_ = next && *next <= target ? *next : target;
    sort_in_later_levels();
  }
}

std::optional<time_point> timer_slots::next_deadline() const {
  const auto next = next_tick();
  return next ? std::optional{origin_ + tick * static_cast<std::int64_t>(*next)} : std::nullopt;
}

unsigned timer_slots::slot_of(unsigned level, tick_count at) noexcept {
  return level * slots_per_level + static_cast<unsigned>((at >> (slot_bits * level)) % slots_per_level);
}

timer_slots::tick_count timer_slots::tick_not_after(time_point at) const {
  return at <= origin_ ? 0 : static_cast<tick_count>((at - origin_) / tick);
}

unsigned timer_slots::level_of(tick_count due) const noexcept {
  for (unsigned level = 0; level + 1 < levels; ++level)
    if (due - current_ < tick_count{1} << (slot_bits * (level + 1)))
      return level;
  return levels - 1;
}

/// The soonest tick at which a slot fires or is sorted in.
std::optional<timer_slots::tick_count> timer_slots::next_tick() const noexcept {
  std::optional<tick_count> soonest;
  for (unsigned level = 0; level < levels; ++level) {
    if (occupied_[level] == 0)
      continue;
    const auto here = current_ >> (slot_bits * level);
    // Rotated so that bit 0 is the slot after the current one, whose own turn comes last.
    const auto ahead = std::rotr(occupied_[level], static_cast<int>((here + 1) % slots_per_level));
    const auto at = (here + 1 + static_cast<unsigned>(std::countr_zero(ahead))) << (slot_bits * level);
    soonest = soonest ? std::min(*soonest, at) : at;
  }
  return soonest;
}

void timer_slots::sort_in_later_levels() {
  for (unsigned level = levels - 1; level > 0; --level) {
    if (current_ % (tick_count{1} << (slot_bits * level)) != 0)
      continue;
    // Taken as a whole: a timer beyond the last level comes back into the same slot.
    auto index = std::exchange(slots_[slot_of(level, current_)], {}).first;
    occupied_[level] &= ~(std::uint64_t{1} << (slot_of(level, current_) % slots_per_level));
    while (index != none) {
      const auto next = cells_[index].next;
      link(index);
      index = next;
    }
  }
}

void timer_slots::link(std::uint32_t index) {
  auto& timer = cells_[index];
  assert(timer.due >= current_);
  // A due time beyond the last level waits in its farthest slot.
  const auto farthest = current_ + (tick_count{1} << (slot_bits * levels)) - 1;
  timer.slot = slot_of(level_of(timer.due), std::min(timer.due, farthest));
  occupied_[timer.slot / slots_per_level] |= std::uint64_t{1} << (timer.slot % slots_per_level);
  auto& list = slots_[timer.slot];
  timer.previous = std::exchange(list.last, index);
  timer.next = none;
  (timer.previous == none ? list.first : cells_[timer.previous].next) = index;
}

void timer_slots::unlink(std::uint32_t index) {
  const auto& timer = cells_[index];
  auto& list = slots_[timer.slot];
  (timer.previous == none ? list.first : cells_[timer.previous].next) = timer.next;
  (timer.next == none ? list.last : cells_[timer.next].previous) = timer.previous;
  if (list.first == none)
    occupied_[timer.slot / slots_per_level] &= ~(std::uint64_t{1} << (timer.slot % slots_per_level));
}

void timer_slots::release(std::uint32_t index) {
  auto& timer = cells_[index];
  if (++timer.generation == 0) // 0 names nothing.
    timer.generation = 1;
  timer.slot = none;
  timer.next = std::exchange(free_, index);
  --armed_;
}

} // namespace sallyport
