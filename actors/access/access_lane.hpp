#pragma once
#include <memory>
#include <span>

#include "actors/access/lane_sessions.hpp"
#include "actors/lane_service.hpp"
#include "net/io/lane.hpp"
#include "net/io/sip_endpoint.hpp"

namespace sallyport::actors {

/// One lane's share of the Access Edge: SIP endpoint and session actors.
class access_lane final : public lane_service {
public:
  access_lane(caf::actor_system& system, io::lane& home, const io::sip_settings& sip,
              std::span<const std::unique_ptr<io::inbox<session_order>>> inboxes);

  [[nodiscard]] io::stream_acceptor& acceptor(side from, io::stream_protocol) override {
    return endpoint_.acceptor(from);
  }
  void close() override { endpoint_.close_all(io::close_reason::local_shutdown); }
  void end() override { endpoint_.end_sessions(); }
  void show(lane_samples& out) const override;

private:
  lane_sessions sessions_;
  io::sip_endpoint endpoint_;
};

} // namespace sallyport::actors
