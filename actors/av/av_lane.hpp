#pragma once
#include <span>
#include <string>
#include <utility>

#include "actors/av/allocation_desk.hpp"
#include "net/io/turn_endpoint.hpp"

namespace sallyport::actors {

/// One lane's share of the A/V Edge: its doors, its relays, and the desk of their actors.
class av_lane {
public:
  /// `pool` is every lane's; it and `inbox` outlive the lane.
  av_lane(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
          const io::turn_settings& settings, turn::relay_pool& pool, io::inbox<allocation_order>& inbox)
    : desk_{system, home, limits, inbox}, endpoint_{home, settings, pool, desk_} {
    desk_.serve(endpoint_);
  }

  /// Opens the doors; the error names the address and what the kernel said.
  [[nodiscard]] result<void, std::string> open(std::span<const endpoint> doors) { return endpoint_.open(doors); }
  /// On the lane: who may have relays from now on.
  void renew(turn::authenticator who) { endpoint_.renew(std::move(who)); }
  /// On the lane: no request and no packet is taken any more.
  void close() { endpoint_.close_all(); }
  /// After the lane has stopped.
  void end_allocations() { desk_.close(); }

  [[nodiscard]] const io::turn_counters& counters() const noexcept { return endpoint_.counters(); }
  [[nodiscard]] const io::counter& lost() const noexcept { return desk_.lost(); }

private:
  allocation_desk desk_;
  io::turn_endpoint endpoint_;
};

} // namespace sallyport::actors
