#pragma once
#include <caf/actor.hpp>

#include <memory>
#include <span>
#include <vector>

#include "actors/access/session_order.hpp"
#include "actors/actor_places.hpp"
#include "actors/random_bits.hpp"
#include "net/io/inbox_reader.hpp"
#include "net/io/lane.hpp"
#include "net/io/sip_endpoint.hpp"
#include "net/io/sip_user.hpp"

namespace sallyport::actors {

/// One lane's dialog and exchange actors: spawns one for each session that its endpoint begins, hands it each event in
/// one message, and brings its answers back; between lanes it carries what their endpoints say to each other.
/// Everything but the inbox is for the lane's thread.
///
/// How many events may wait for the answer of one session, and of all, is for the endpoint to limit.
class lane_sessions final : public io::sip_user, private io::io_handler {
public:
  /// `inboxes`: every lane's, by lane; they outlive it and the actor system. Throws std::runtime_error when this
  /// lane's cannot be watched.
  lane_sessions(caf::actor_system& system, io::lane& home,
                std::span<const std::unique_ptr<io::inbox<session_order>>> inboxes);
  ~lane_sessions();

  /// Before the lane runs: the endpoint that this is the user of.
  void serve(io::sip_endpoint& endpoint) { endpoint_ = &endpoint; }

private:
  void on_start(const sip::start_session& begun) override;
  void on_event(sip::tell_session&& told) override;
  void on_end(const sip::end_session& ended) override;
  bool on_relay(std::uint8_t lane, sip::lane_order&& order) override;
  void on_ready(std::uint32_t events) override;

  void take(sip::session_outcome& outcome) { endpoint_->settle(std::move(outcome)); }
  void take(const session_actor_gone& gone) { endpoint_->lose(gone.session); }
  void take(sip::lane_order& said) { endpoint_->receive(std::move(said)); }

  caf::actor_system& system_;
  io::lane& lane_;
  std::span<const std::unique_ptr<io::inbox<session_order>>> inboxes_;
  io::sip_endpoint* endpoint_ = nullptr;
  actor_places actors_;
  io::inbox_reader<session_order> orders_;
  random_bits random_;
};

} // namespace sallyport::actors
