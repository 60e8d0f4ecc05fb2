#include "net/core/deadline_heap.hpp"

namespace sallyport {

void deadline_heap::make_room(std::uint32_t slot) {
  if (slot >= positions_.size())
    positions_.resize(slot + 1, absent);
  if (entries_.capacity() < positions_.size())
    entries_.reserve(positions_.capacity());
}

void deadline_heap::set(std::uint32_t slot, std::optional<time_point> at) {
  if (slot >= positions_.size()) {
    if (!at)
      return;
    make_room(slot);
  }
  auto position = positions_[slot];
  if (!at) {
    if (position != absent)
      remove(position);
    return;
  }
  if (position == absent) {
    position = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({*at, slot});
    return sift_up(position, {*at, slot});
  }
  if (*at < entries_[position].at)
    return sift_up(position, {*at, slot});
  sift_down(position, {*at, slot});
}

std::optional<time_point> deadline_heap::next() const noexcept {
  if (entries_.empty())
    return std::nullopt;
  return entries_.front().at;
}

std::optional<std::uint32_t> deadline_heap::pop_due(time_point now) {
  if (entries_.empty() || entries_.front().at > now)
    return std::nullopt;
  const auto slot = entries_.front().slot;
  remove(0);
  return slot;
}

void deadline_heap::remove(std::uint32_t position) {
  const entry last = entries_.back();
  const entry gone = entries_[position];
  positions_[gone.slot] = absent;
  entries_.pop_back();
  if (last.slot == gone.slot)
    return;
  if (last.at < gone.at)
    sift_up(position, last);
  else
    sift_down(position, last);
}

void deadline_heap::put(std::uint32_t position, const entry& value) {
  entries_[position] = value;
  positions_[value.slot] = position;
}

void deadline_heap::sift_up(std::uint32_t position, entry value) {
  while (position > 0) {
    const auto parent = (position - 1) / 2;
    if (entries_[parent].at <= value.at)
      break;
    put(position, entries_[parent]);
    position = parent;
  }
  put(position, value);
}

void deadline_heap::sift_down(std::uint32_t position, entry value) {
  const auto count = static_cast<std::uint32_t>(entries_.size());
  for (auto child = 2 * position + 1; child < count; child = 2 * position + 1) {
    if (child + 1 < count && entries_[child + 1].at < entries_[child].at)
      ++child;
    if (value.at <= entries_[child].at)
      break;
    put(position, entries_[child]);
    position = child;
  }
  put(position, value);
}

} // namespace sallyport
