#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "net/core/lane_ref.hpp"

namespace sallyport::io {

/// What one lane owns, by lane_ref: a slot is reused with a higher generation, so a name from before finds nothing.
template <class Thing>
class slots {
public:
  /// Names carry this node and lane.
  slots(std::uint16_t node, std::uint8_t lane, std::size_t things_max)
    : home_{.node = node, .lane = lane}, things_max_{things_max} {}

  /// Makes room and a name for one more; an empty name when there are `things_max`.
  [[nodiscard]] lane_ref reserve() {
    if (free_.empty()) {
      if (slots_.size() == things_max_)
        return {};
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    auto name = home_;
    name.index = free_.back();
    free_.pop_back();
    name.generation = ++slots_[name.index].generation;
    return name;
  }

  void put(const lane_ref& name, std::unique_ptr<Thing> thing) {
    slots_[name.index].thing = std::move(thing);
    ++size_;
  }

  /// Null for a name that is not ours, or no longer.
  [[nodiscard]] Thing* find(const lane_ref& name) const noexcept {
    if (!is_ours(name) || name.index >= slots_.size() || slots_[name.index].generation != name.generation)
      return nullptr;
    return slots_[name.index].thing.get();
  }

  /// The name finds nothing from here on.
  [[nodiscard]] std::unique_ptr<Thing> take(const lane_ref& name) {
    auto thing = std::move(slots_[name.index].thing);
    free_.push_back(name.index);
    --size_;
    return thing;
  }

  [[nodiscard]] bool is_ours(const lane_ref& name) const noexcept {
    return name.node == home_.node && name.lane == home_.lane && name;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const lane_ref& home() const noexcept { return home_; }

  template <class Visit>
  void each(Visit&& visit) {
    for (auto& place : slots_)
      if (place.thing)
        visit(*place.thing);
  }

private:
  struct slot {
    std::uint32_t generation = 0;
    std::unique_ptr<Thing> thing;
  };
  lane_ref home_;
  std::size_t things_max_;
  std::size_t size_ = 0;
  std::vector<slot> slots_;
  std::vector<std::uint32_t> free_;
};

} // namespace sallyport::io
