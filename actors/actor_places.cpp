#include "actors/actor_places.hpp"

#include <caf/send.hpp>

#include "net/core/fault.hpp"

namespace sallyport::actors {

void actor_places::end(const lane_ref& name) {
  if (const auto* named = find(name))
    end(name.index, *named);
}

void actor_places::end_all() {
  places_.for_each([this](std::uint32_t index, const caf::actor& each) { end(index, each); });
}

void actor_places::end(std::uint32_t index, const caf::actor& ended) {
  const auto last = ended;
  places_.erase(index); // First: where it cannot be told, nobody holds it any more, which ends it too.
  fault::point("actor_places::end");
  caf::anon_send_exit(last, caf::exit_reason::user_shutdown);
}

} // namespace sallyport::actors
