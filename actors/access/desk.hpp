#pragma once
#include <caf/actor.hpp>

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "actors/access/desk_counters.hpp"
#include "actors/access/desk_order.hpp"
#include "actors/random_bits.hpp"
#include "net/io/inbox.hpp"
#include "net/io/sip_endpoint.hpp"
#include "net/io/slots.hpp"
#include "policy/access.hpp"

namespace sallyport::actors {

/// What every desk of a node is made of.
struct desk_settings {
  std::shared_ptr<const policy::access_rules> rules;
  sip::session_facts facts; ///< All but `self`.
  std::size_t sessions_max = 16'384;
  std::size_t events_per_session_max = 64; ///< In flight toward one actor; past it what can be refused is.
  std::size_t events_max = 32'768;         ///< In flight toward all of the desk's actors; past it the same.
  seconds retry_after{10};
};

/// One lane's transaction user (RFC 3261, 17): it judges requests by policy, spawns the dialog and exchange actors
/// whose home is this lane, hands them events one message each, and carries out what they answer. Events and orders
/// that concern another lane go into that lane's inbox. Everything but the inbox is for the lane's thread.
class desk final : public io::sip_user, private io::io_handler, private io::timer_handler {
public:
  /// `inboxes`: every lane's, by lane; they outlive the desk and the actor system.
  desk(caf::actor_system& system, io::lane& home, const desk_settings& settings,
       std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes);
  ~desk();

  /// Before the lane runs: the endpoint that this is the user of.
  void serve(io::sip_endpoint& endpoint);

  /// Ends every session. No event reaches them any more.
  void close();

  [[nodiscard]] const desk_counters& counters() const noexcept { return counters_; }

private:
  struct open_session {
    sip::session_id id;
    caf::actor actor;
    std::size_t in_flight = 0; ///< Events that the actor has not answered yet: the credit it holds.
    timer_id timer;
    /// Lanes of INVITEs that left by another lane's flow and wait for their answer, so that a CANCEL finds them.
    std::unordered_map<std::uint32_t, std::uint8_t> elsewhere;
  };

  // sip_user
  void on_request(const sip::arrival& from, const sip::message_view& request) override;
  void on_response(const sip::client_key& client, const sip::arrival& from, const sip::message_view& response) override;
  void on_response_elsewhere(sip::session_id session, const sip::arrival& from,
                             const sip::message_view& response) override;
  void on_client_failure(const sip::client_failure& failure) override;
  void on_server_ended(const sip::server_ended& ended) override;

  void on_ready(std::uint32_t events) override;
  void on_timer(std::uint64_t cookie) override;

  void judge(const sip::arrival& from, const sip::message_view& request);
  void admit(const sip::arrival& from, const sip::message_view& request, sip::route_facts&& routes,
             policy::access_verdict verdict);
  void forward_ack(const sip::arrival& from, const sip::message_view& request, sip::route_facts&& routes);
  void overload(const sip::arrival& from, const sip::message_view& request, sip::transaction_id transaction);
  [[nodiscard]] sip::route_facts read_routes(const sip::message_view& request) const;
  [[nodiscard]] sip::session_id session_for(const sip::route_token* token, bool is_dialog);
  [[nodiscard]] open_session* spawn(bool is_dialog);
  [[nodiscard]] bool is_known_elsewhere(const sip::session_id& id) const noexcept;

  /// To the session, wherever its home is; false if it could not be delivered.
  bool deliver(const sip::session_id& id, sip::session_event&& event);
  bool deliver(open_session& to, sip::session_event&& event);
  [[nodiscard]] bool is_behind() const noexcept { return counters_.in_flight.read() >= settings_.events_max; }
  void end(open_session& ended);

  // What comes through the inbox.
  void take(session_outcome& outcome);
  void take(session_gone& gone);
  void take(relayed_event& relayed);
  void take(returned_request& returned);
  void take(relayed_order& relayed);
  void take(relayed_response& relayed);

  /// On the lane that the order concerns.
  void carry_out(open_session& owner, sip::order&& order);
  void carry_out_here(const sip::session_id& id, sip::order&& order);
  [[nodiscard]] std::uint8_t lane_for(open_session& owner, const sip::order& order) const;
  /// False if it was dropped, which only what is expendable is.
  bool relay(std::uint8_t lane, desk_order&& order);

  caf::actor_system& system_;
  io::lane& lane_;
  desk_settings settings_;
  std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes_;
  io::sip_endpoint* endpoint_ = nullptr;
  io::slots<open_session> sessions_;
  std::vector<desk_order> taken_;
  random_bits random_;
  desk_counters counters_;
};

} // namespace sallyport::actors
