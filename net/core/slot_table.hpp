#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "net/core/named_places.hpp"

namespace sallyport {

/// Places that name what is put into them. A place used again has the next generation; after the last comes 1, for 0
/// names nothing.
template <class T, class Generation = std::uint32_t>
class slot_table : private named_places<T> {
  using base = named_places<T>;

public:
  /// Names carry this node and lane; where the names stay inside, none.
  explicit slot_table(const lane_ref& home = {}) : home_{home} {}

  /// What `emplace` will name the next one.
  [[nodiscard]] lane_ref next_name() const noexcept {
    auto next = home_;
    if (free_.empty()) {
      next.index = static_cast<std::uint32_t>(base::places());
      next.generation = 1;
    } else {
      next.index = free_.back();
      const auto last = name(next.index).generation;
      next.generation = last == std::numeric_limits<Generation>::max() ? 1 : last + 1;
    }
    return next;
  }
  template <class... Args>
  lane_ref emplace(Args&&... args) {
    const auto its = next_name();
    if (its.index >= free_.capacity()) // So that erasing needs no memory.
      free_.reserve(std::max<std::size_t>(16, 2 * std::size_t{its.index}));
    base::put(its, std::forward<Args>(args)...);
    if (!free_.empty())
      free_.pop_back();
    return its;
  }
  void erase(std::uint32_t index) noexcept {
    base::erase(index);
    free_.push_back(index);
  }

  using base::find;
  using base::operator[];
  using base::for_each;
  using base::name;
  [[nodiscard]] std::size_t size() const noexcept { return base::places() - free_.size(); }

private:
  lane_ref home_;
  std::vector<std::uint32_t> free_;
};

} // namespace sallyport
