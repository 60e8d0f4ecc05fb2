#include "net/sip/fork_set.hpp"

#include <algorithm>

namespace sallyport::sip {

fork_set::branch* fork_set::find(std::string_view tag) noexcept {
  const auto found = std::ranges::find(forks_, tag, &branch::tag);
  return found == forks_.end() ? nullptr : &*found;
}

bool fork_set::learn(std::string_view tag, state at_least) {
  if (auto* known = find(tag)) {
    known->at = std::max(known->at, at_least);
    return true;
  }
  if (forks_.size() < forks_max_) {
    forks_.push_back({std::string{tag}, at_least});
    return true;
  }
  const auto early = std::ranges::find(forks_, state::early, &branch::at);
  if (at_least == state::early || early == forks_.end())
    return false;
  *early = {std::string{tag}, at_least};
  return true;
}

std::string_view fork_set::match(std::string_view from_tag, std::string_view to_tag) const noexcept {
  for (const auto& [tag, at] : forks_)
    if ((from_tag == caller_tag_ && to_tag == tag) || (to_tag == caller_tag_ && from_tag == tag))
      return tag;
  return {};
}

void fork_set::acknowledge(std::string_view tag) noexcept {
  if (auto* known = find(tag); known != nullptr && known->at == state::confirmed)
    known->at = state::acknowledged;
}

void fork_set::end(std::string_view tag) noexcept {
  if (auto* known = find(tag))
    known->at = state::ended;
}

void fork_set::end_early() noexcept {
  for (auto& each : forks_)
    if (each.at == state::early)
      each.at = state::ended;
}

void fork_set::end_all() noexcept {
  for (auto& each : forks_)
    each.at = state::ended;
}

bool fork_set::has(state wanted) const noexcept {
  return std::ranges::find(forks_, wanted, &branch::at) != forks_.end();
}

bool fork_set::is_alive() const noexcept {
  return std::ranges::any_of(forks_, [](const branch& each) { return each.at != state::ended; });
}

} // namespace sallyport::sip
