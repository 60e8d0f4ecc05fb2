#include "actors/actor_places.hpp"

#include <caf/send.hpp>

#include <utility>

namespace sallyport::actors {

void actor_places::put(const lane_ref& name, caf::actor actor) {
  if (name.index >= places_.size())
    places_.resize(name.index + std::size_t{1});
  places_[name.index] = {name.generation, std::move(actor)};
}

const caf::actor* actor_places::find(const lane_ref& name) const noexcept {
  if (name.index >= places_.size() || places_[name.index].generation != name.generation || !places_[name.index].actor)
    return nullptr;
  return &places_[name.index].actor;
}

void actor_places::end(const lane_ref& name) {
  if (find(name))
    end(places_[name.index]);
}

void actor_places::end_all() {
  for (auto& each : places_)
    end(each);
}

void actor_places::end(place& ended) {
  if (ended.actor)
    caf::anon_send_exit(std::exchange(ended.actor, nullptr), caf::exit_reason::user_shutdown);
}

} // namespace sallyport::actors
