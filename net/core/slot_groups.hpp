#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace sallyport {

/// Which slots belong to one key (a connection, say), so that all of them are found when it fails. A slot is in one
/// group at most; adding and removing take constant time however large the group is.
template <class Key, class Hash>
class slot_groups {
public:
  void add(std::uint32_t slot, const Key& key) {
    if (slot >= links_.size())
      links_.resize(slot + 1);
    auto [head, is_new] = heads_.try_emplace(key, none);
    links_[slot] = {key, none, head->second};
    if (!is_new)
      links_[head->second].before = slot;
    head->second = slot;
  }

  /// The slot must be in a group.
  void remove(std::uint32_t slot) noexcept {
    const auto link = links_[slot];
    if (link.after != none)
      links_[link.after].before = link.before;
    if (link.before != none)
      links_[link.before].after = link.after;
    else if (link.after != none)
      heads_[link.key] = link.after;
    else
      heads_.erase(link.key);
  }

  /// The slot of a group that was added last; nothing when it has none.
  [[nodiscard]] std::optional<std::uint32_t> first(const Key& key) const {
    const auto head = heads_.find(key);
    return head == heads_.end() ? std::nullopt : std::optional{head->second};
  }

  /// How many a group has; counts no further than `enough`.
  [[nodiscard]] std::size_t count(const Key& key, std::size_t enough) const {
    const auto head = heads_.find(key);
    std::size_t counted = 0;
    for (auto slot = head == heads_.end() ? none : head->second; slot != none && counted < enough;
         slot = links_[slot].after)
      ++counted;
    return counted;
  }

private:
  static constexpr std::uint32_t none = UINT32_MAX;
  struct neighbours {
    Key key{};
    std::uint32_t before = none;
    std::uint32_t after = none;
  };
  std::unordered_map<Key, std::uint32_t, Hash> heads_;
  std::vector<neighbours> links_;
};

} // namespace sallyport
