#include "actors/actor_places.hpp"

#include <caf/send.hpp>

namespace sallyport::actors {

void actor_places::end(const lane_ref& name) {
  if (const auto* named = find(name))
    end(name.index, *named);
}

void actor_places::end_all() {
  places_.for_each([this](std::uint32_t index, const caf::actor& each) { end(index, each); });
}

void actor_places::end(std::uint32_t index, const caf::actor& ended) {
  caf::anon_send_exit(ended, caf::exit_reason::user_shutdown);
  places_.erase(index);
}

} // namespace sallyport::actors
