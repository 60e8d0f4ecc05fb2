#include "net/core/source_limits.hpp"

#include <cassert>

namespace sallyport {

verdict source_limits::admit(const ip_address& source, time_point now) {
  const auto found = find_or_make(source_prefix(source));
  if (found == entries_.end())
    return verdict::sources_full;
  auto& [prefix, counts] = *found;
  if (counts.connections == 0) // Used just now: the last to make room.
    idle_.splice(idle_.end(), idle_, counts.place);
  if (counts.connections >= options_.connections_max)
    return verdict::source_connections;
  if (!counts.arrivals.take(now, options_.new_connections))
    return verdict::source_rate;
  count_one(counts);
  return verdict::admitted;
}

void source_limits::count_one(entry& of) {
  if (of.connections++ == 0)
    idle_.erase(of.place);
}

void source_limits::released(const ip_address& source) {
  const auto found = entries_.find(source_prefix(source));
  assert(found != entries_.end() && found->second.connections > 0); // A counted connection keeps its entry.
  auto& [prefix, counts] = *found;
  if (--counts.connections == 0)
    counts.place = idle_.insert(idle_.end(), prefix);
}

void source_limits::proved(const ip_address& source) {
  released(source);
}

bool source_limits::unproved(const ip_address& source) {
  const auto found = find_or_make(source_prefix(source));
  if (found == entries_.end())
    return false;
  count_one(found->second);
  return true;
}

bool source_limits::hold(const ip_address& source, std::size_t before, std::size_t after) {
  auto& held = entries_.at(source_prefix(source)).held_bytes; // A counted connection keeps its entry.
  assert(held >= before);
  const auto others = held - before;
  if (after > before && others + after > options_.held_bytes_max)
    return false;
  held = others + after;
  return true;
}

std::size_t source_limits::connections(const ip_address& source) const {
  const auto found = entries_.find(source_prefix(source));
  return found == entries_.end() ? 0 : found->second.connections;
}

source_limits::entry_map::iterator source_limits::find_or_make(const ip_prefix& source) {
  if (const auto found = entries_.find(source); found != entries_.end())
    return found;
  if (entries_.size() >= options_.entries_max) {
    if (idle_.empty())
      return entries_.end();
    entries_.erase(idle_.front());
    idle_.pop_front();
  }
  const auto made = entries_.try_emplace(source).first;
  made->second.place = idle_.insert(idle_.end(), source);
  return made;
}

} // namespace sallyport
