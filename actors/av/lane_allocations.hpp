#pragma once
#include <caf/actor.hpp>

#include <vector>

#include "actors/actor_places.hpp"
#include "actors/av/allocation_order.hpp"
#include "net/io/counters.hpp"
#include "net/io/inbox_reader.hpp"
#include "net/io/lane.hpp"
#include "net/io/turn_endpoint.hpp"
#include "net/io/turn_user.hpp"

namespace sallyport::actors {

/// One lane's allocation actors: spawns one for each allocation that its endpoint opens, hands it each event in one
/// message, and brings its answers back. Everything but the inbox is for the lane's thread.
///
/// How many requests may wait for the answer of one allocation, and of all, is for the endpoint to limit.
class lane_allocations final : public io::turn_user, private io::io_handler {
public:
  /// `inbox` outlives this and the actor system. Throws std::runtime_error when it cannot be watched.
  lane_allocations(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
                   io::inbox<allocation_order>& inbox);
  ~lane_allocations();

  /// Before the lane runs: the endpoint that this is the user of.
  void serve(io::turn_endpoint& endpoint) { endpoint_ = &endpoint; }
  /// After the lane has stopped: ends every actor.
  void close() { actors_.end_all(); }

  /// Allocations whose actor died of a broken invariant.
  [[nodiscard]] const io::counter& lost() const noexcept { return lost_; }

private:
  void on_open(const turn::allocation_id& id, turn::allocation_event&& opening) override;
  void on_event(const turn::allocation_id& id, turn::allocation_event&& event) override;
  void on_ended(const turn::allocation_id& id) override;
  void on_ready(std::uint32_t events) override;

  void take(allocation_outcome& outcome);
  void take(const allocation_gone& gone);

  caf::actor_system& system_;
  io::lane& lane_;
  turn::allocation_limits limits_;
  io::inbox<allocation_order>& inbox_;
  io::turn_endpoint* endpoint_ = nullptr;
  actor_places actors_;
  io::inbox_reader<allocation_order> orders_;
  io::counter lost_;
};

} // namespace sallyport::actors
