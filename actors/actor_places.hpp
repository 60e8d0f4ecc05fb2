#pragma once
#include <caf/actor.hpp>

#include <cstdint>
#include <utility>

#include "net/core/named_places.hpp"

namespace sallyport::actors {

/// The actors of one lane's sessions or allocations, by the name that its machine gave each: a name from before finds
/// nobody.
class actor_places {
public:
  void put(const lane_ref& name, caf::actor actor) { places_.put(name, std::move(actor)); }
  /// Null: nobody.
  [[nodiscard]] const caf::actor* find(const lane_ref& name) const noexcept { return places_.find(name); }
  /// Ends the actor; a name that finds nobody is ignored.
  void end(const lane_ref& name);
  void end_all();

private:
  void end(std::uint32_t index, const caf::actor& ended);

  named_places<caf::actor> places_;
};

} // namespace sallyport::actors
