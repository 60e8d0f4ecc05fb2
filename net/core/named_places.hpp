#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "net/core/lane_ref.hpp"

namespace sallyport {

/// What one lane keeps by name, each thing in the place of its name's index. Whoever names the things gives a place
/// used again a new generation, so a name from before finds nothing; nor does one of another lane. What is there does
/// not move.
template <class T>
class named_places {
public:
  /// What had the place before is gone. Where the thing cannot be made there is none, and no new place for it.
  template <class... Args>
  void put(const lane_ref& its, Args&&... args) {
    if (its.index < places_.size()) {
      auto& used = places_[its.index];
      used.thing.emplace(std::forward<Args>(args)...);
      used.name = its;
    } else {
      places_.resize(its.index);
      places_.emplace_back(its, std::forward<Args>(args)...);
    }
  }
  /// There must be one.
  void erase(std::uint32_t index) noexcept { places_[index].thing.reset(); }

  [[nodiscard]] T* find(const lane_ref& its) noexcept { return has(its) ? &*places_[its.index].thing : nullptr; }
  [[nodiscard]] const T* find(const lane_ref& its) const noexcept {
    return has(its) ? &*places_[its.index].thing : nullptr;
  }
  /// There must be one.
  [[nodiscard]] T& operator[](std::uint32_t index) noexcept { return *places_[index].thing; }
  /// Of what is there, or else was last.
  [[nodiscard]] lane_ref name(std::uint32_t index) const noexcept { return places_[index].name; }

  /// Places, with something in them or not.
  [[nodiscard]] std::size_t places() const noexcept { return places_.size(); }

  /// Calls `visit(index, thing)` for each; it may erase the one it is given.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (std::uint32_t index = 0; index < places_.size(); ++index)
      if (places_[index].thing)
        visit(index, *places_[index].thing);
  }

private:
  struct place {
    place() = default;
    template <class... Args>
    explicit place(const lane_ref& its, Args&&... args)
      : thing{std::in_place, std::forward<Args>(args)...}, name{its} {}

    std::optional<T> thing;
    lane_ref name;
  };
  [[nodiscard]] bool has(const lane_ref& its) const noexcept {
    return its.index < places_.size() && places_[its.index].name == its && places_[its.index].thing;
  }

  std::deque<place> places_;
};

} // namespace sallyport
