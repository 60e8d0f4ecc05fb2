#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "net/core/time.hpp"

namespace sallyport {

/// Who is due when, for things that sit in numbered slots. A binary heap that knows where each slot stands, so a slot
/// has one entry at most and a deadline that moves or goes leaves nothing behind: memory is that of the slots.
class deadline_heap {
public:
  /// Memory for that slot: from here on `set` needs none for it, and does not throw.
  void make_room(std::uint32_t slot);
  /// Sets, moves or (nothing) removes the deadline of a slot.
  void set(std::uint32_t slot, std::optional<time_point> at);

  [[nodiscard]] std::optional<time_point> next() const noexcept;
  /// Takes the slot that is due first out of the heap; nothing if none is due at `now`.
  [[nodiscard]] std::optional<std::uint32_t> pop_due(time_point now);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  struct entry {
    time_point at;
    std::uint32_t slot;
  };
  static constexpr std::uint32_t absent = UINT32_MAX;

  void remove(std::uint32_t position);
  void put(std::uint32_t position, const entry& value);
  void sift_up(std::uint32_t position, entry value);
  void sift_down(std::uint32_t position, entry value);

  std::vector<entry> entries_;
  std::vector<std::uint32_t> positions_; ///< Slot -> place in `entries_`.
};

} // namespace sallyport
