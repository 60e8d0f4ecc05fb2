#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sallyport {

/// A hash table for the media path: one array, open addressing with linear probing, at most half full. Looking up
/// touches one or two cache lines and neither looking up nor erasing allocates; a table that has grown stays grown.
///
/// `Hash` is called with a key, must be keyed where peers choose the keys (siphash), and must not throw. Keys and
/// values are moved about: they are to be small. Pointers into the table hold until the next insert or erase.
template <class Key, class Value, class Hash>
class flat_table {
public:
  explicit flat_table(Hash hash) : hash_{std::move(hash)} {}

  [[nodiscard]] Value* find(const Key& key) noexcept {
    const auto place = place_of(key);
    return place == none ? nullptr : &cells_[place].value;
  }
  [[nodiscard]] const Value* find(const Key& key) const noexcept {
    const auto place = place_of(key);
    return place == none ? nullptr : &cells_[place].value;
  }

  /// False, and nothing changed, when the key is there already.
  bool insert(const Key& key, Value value) {
    if (place_of(key) != none)
      return false;
    if ((size_ + 1) * 2 > cells_.size())
      grow();
    put({tag_of(key), key, std::move(value)});
    ++size_;
    return true;
  }

  /// False when the key is not there. What stands behind it in its run moves up, so no tombstone is left.
  bool erase(const Key& key) noexcept {
    auto hole = place_of(key);
    if (hole == none)
      return false;
    const auto mask = cells_.size() - 1;
    for (auto next = (hole + 1) & mask; cells_[next].tag != 0; next = (next + 1) & mask) {
      const auto distance_from_home = (next - cells_[next].tag) & mask;
      if (distance_from_home < ((next - hole) & mask))
        continue; // It would stand before its home.
      cells_[hole] = std::move(cells_[next]);
      hole = next;
    }
    cells_[hole] = cell{};
    --size_;
    return true;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return cells_.size(); }

private:
  struct cell {
    std::uint32_t tag = 0; ///< Of an occupied cell: its key's hash with the top bit set; its low bits are its home.
    Key key{};
    Value value{};
  };
  static constexpr std::size_t none = SIZE_MAX;
  static constexpr std::size_t cells_min = 16;
  static constexpr std::uint32_t occupied = std::uint32_t{1} << 31;

  [[nodiscard]] std::uint32_t tag_of(const Key& key) const noexcept {
    return static_cast<std::uint32_t>(hash_(key)) | occupied;
  }

  [[nodiscard]] std::size_t place_of(const Key& key) const noexcept {
    if (size_ == 0)
      return none;
    const auto mask = cells_.size() - 1;
    const auto tag = tag_of(key);
    for (auto at = tag & mask; cells_[at].tag != 0; at = (at + 1) & mask)
      if (cells_[at].tag == tag && cells_[at].key == key)
        return at;
    return none;
  }

  void put(cell&& filled) noexcept {
    const auto mask = cells_.size() - 1;
    auto at = filled.tag & mask;
    while (cells_[at].tag != 0)
      at = (at + 1) & mask;
    cells_[at] = std::move(filled);
  }

  void grow() {
    std::vector<cell> former(cells_.empty() ? cells_min : cells_.size() * 2);
    former.swap(cells_);
    for (auto& each : former)
      if (each.tag != 0)
        put(std::move(each));
  }

  Hash hash_;
  std::vector<cell> cells_; ///< A power of two, so that a mask finds the home.
  std::size_t size_ = 0;
};

} // namespace sallyport
