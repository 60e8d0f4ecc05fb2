#pragma once
#include <caf/actor.hpp>

#include <vector>

#include "net/core/lane_ref.hpp"

namespace sallyport::actors {

/// The actors of one lane's sessions or allocations, by the name that its machine gave each: a name from before finds
/// nobody.
class actor_places {
public:
  void put(const lane_ref& name, caf::actor actor);
  /// Null: nobody.
  [[nodiscard]] const caf::actor* find(const lane_ref& name) const noexcept;
  /// Ends the actor; a name that finds nobody is ignored.
  void end(const lane_ref& name);
  void end_all();

private:
  struct place {
    std::uint32_t generation = 0;
    caf::actor actor; ///< Null: nobody.
  };
  static void end(place& ended);

  std::vector<place> places_; ///< By the index in the name.
};

} // namespace sallyport::actors
