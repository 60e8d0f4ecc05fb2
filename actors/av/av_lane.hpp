#pragma once
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "actors/av/lane_allocations.hpp"
#include "actors/lane_service.hpp"
#include "net/io/turn_endpoint.hpp"

namespace sallyport::actors {

/// One lane's share of the A/V Edge: its listeners, its relays, and their actors.
class av_lane final : public lane_service {
public:
  /// `pool` is every lane's; it and `inbox` outlive the lane.
  av_lane(caf::actor_system& system, io::lane& home, const turn::allocation_limits& limits,
          const io::turn_settings& settings, turn::relay_pool& pool, io::inbox<allocation_order>& inbox);

  /// Opens the listeners, which hear nothing before `begin`; the error names the address and what the kernel said.
  [[nodiscard]] result<void, std::string> open(std::span<const endpoint> listeners) {
    return endpoint_.open(listeners);
  }
  /// From any thread: who may have relays from now on. However often it is called before the lane comes to it, one
  /// order waits there.
  void renew(std::shared_ptr<const turn::authenticator> who);
  /// From any thread: whom relays may reach from now on.
  void renew(const std::shared_ptr<const peer_filter>& peers);

  void begin() override;
  void close() override { endpoint_.close_all(); }
  void end() override { allocations_.close(); }
  void show(lane_samples& out) const override;

private:
  void take_renewal();

  io::lane& lane_;
  lane_allocations allocations_;
  io::turn_endpoint endpoint_;
  std::mutex renewal_mutex_;
  std::shared_ptr<const turn::authenticator> renewal_; ///< What the lane has yet to take.
};

} // namespace sallyport::actors
