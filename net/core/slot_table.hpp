#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace sallyport {

/// Numbered places that are used again. A reused place has a new generation, so a name kept too long names nothing.
/// Elements do not move. Generations start at 1.
template <class T>
class slot_table {
public:
  template <class... Args>
  std::uint32_t emplace(Args&&... args) {
    std::uint32_t index = 0;
    if (free_.empty()) {
      index = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    slots_[index].value.emplace(std::forward<Args>(args)...);
    return index;
  }

  void erase(std::uint32_t index) {
    auto& slot = slots_[index];
    slot.value.reset();
    if (++slot.generation == 0)
      slot.generation = 1;
    free_.push_back(index);
  }

  [[nodiscard]] T* find(std::uint32_t index, std::uint32_t generation) noexcept {
    if (index >= slots_.size() || slots_[index].generation != generation || !slots_[index].value)
      return nullptr;
    return &*slots_[index].value;
  }
  [[nodiscard]] T& operator[](std::uint32_t index) noexcept { return *slots_[index].value; }
  [[nodiscard]] std::uint32_t generation(std::uint32_t index) const noexcept { return slots_[index].generation; }
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size() - free_.size(); }

  /// Calls `visit(index, element)` for each; it may erase the one it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::uint32_t index = 0; index < slots_.size(); ++index)
      if (slots_[index].value)
        visit(index, *slots_[index].value);
  }

private:
  struct place {
    std::optional<T> value;
    std::uint32_t generation = 1;
  };
  std::deque<place> slots_;
  std::vector<std::uint32_t> free_;
};

} // namespace sallyport
