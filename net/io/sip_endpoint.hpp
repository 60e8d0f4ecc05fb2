#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "net/core/slot_table.hpp"
#include "net/io/connector.hpp"
#include "net/io/next_hop_table.hpp"
#include "net/io/proved_flows.hpp"
#include "net/io/sip_flow.hpp"
#include "net/io/sip_user.hpp"
#include "net/sip/transaction_user.hpp"
#include "net/tls/context_slot.hpp"

namespace sallyport::io {

/// How one inside server is reached.
struct next_hop_settings {
  connect_request connection;                            ///< Its `tls` is taken from the slot each time.
  tls::context_slot<tls::client_context>* tls = nullptr; ///< Null: plain TCP.
};

/// What one lane's SIP is made of. Pointers outlive the endpoint.
struct sip_settings {
  sip::transaction_user_settings user;
  std::size_t flows_max = 16'384;         ///< Connections that others open; ours to the next hops come besides.
  std::size_t inside_flows_reserved = 64; ///< Besides too, for servers of ours: no crowd outside locks them out.
  std::size_t flows_per_user_max = 32;    ///< Of each lane: the oldest of an address-of-record makes room.
  sip_flow_limits outside;
  sip_flow_limits inside;
  std::vector<next_hop_settings> next_hops; ///< A `sip::next_hop` names its place here.
  next_hop_link::limits next_hop_queue;     ///< Of each.
};

/// The SIP of one lane: its connections, those to the next hops among them, and the transaction user that decides what
/// becomes of the messages on them. Everything here is for the lane's thread.
class sip_endpoint final : private sip_flow_user, private timer_handler {
public:
  sip_endpoint(lane& home, const sip_settings& settings, sip_user& user);
  ~sip_endpoint();
  sip_endpoint(const sip_endpoint&) = delete;
  sip_endpoint& operator=(const sip_endpoint&) = delete;

  /// Where the listeners (or demultiplexers) of either side put their connections.
  [[nodiscard]] stream_acceptor& acceptor(side from) noexcept { return from == side::outside ? outside_ : inside_; }

  /// A session's answer. From one that has ended it changes nothing.
  void settle(sip::session_outcome&& outcome);
  /// The session is gone without an answer.
  void lose(sip::session_id session);
  /// What another lane of the node says.
  void receive(sip::lane_order&& said);

  /// Closes every connection; their `on_closed` come with the next turns.
  void close_all(close_reason reason);
  /// Ends every session. No event reaches them any more.
  void end_sessions();

  /// Null when the connection is gone.
  [[nodiscard]] const sip_flow* find_flow(sip::flow_id flow) const noexcept {
    const auto* held = flows_.find(flow);
    return held ? held->get() : nullptr;
  }
  [[nodiscard]] const sip_counters& counters() const noexcept { return counters_; }

private:
  /// Done whatever time a turn has left: more than one message orders.
  static constexpr std::size_t orders_at_once_max = 64;

  /// Of one side: new connections become flows of that side.
  struct acceptor_of final : stream_acceptor {
    acceptor_of(sip_endpoint& owner, side which) : endpoint{owner}, from{which} {}
    void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override {
      endpoint.adopt(std::move(connection), from, first_bytes);
    }
    sip_endpoint& endpoint;
    side from;
  };

  void adopt(stream_ptr connection, side from, std::span<const std::byte> first_bytes);
  [[nodiscard]] sip_flow& make_flow(side from);
  void connect_next_hop(sip::next_hop hop, next_hop_link& link);
  void lose_next_hop(sip::next_hop hop);

  void on_flow_open(sip_flow& flow) override;
  void on_message(sip_flow& flow, std::string_view bytes) override;
  void on_broken_stream(sip_flow& flow, sip::parse_error error, std::string_view head) override;
  void on_proof_ended(sip_flow& flow) override;
  void on_flow_closed(sip_flow& flow, close_reason reason) override;
  void on_timer(std::uint64_t cookie) override;

  /// Has the transaction user decide, and does what it orders until nothing is left to do. What throws is counted and
  /// ends there; where it is asked from within an order, it is that order that fails.
  template <class Ask>
  void ask(Ask&& decide);
  void carry_out_some();
  void carry_out(sip::user_order& order);
  void prove(sip::prove_flow& proof);
  void send(sip::send& message);
  template <class Call>
  void tell(sip::session_id session, Call&& call);
  enum class fate : std::uint8_t { sent, no_connection, no_room, no_such_hop };
  [[nodiscard]] fate try_send(sip::send& message);
  [[nodiscard]] fate send_to_next_hop(sip::next_hop hop, next_hop_link& link, sip::send& message);
  void drop(std::string_view reason, sip::trace_id trace = 0);
  void rearm();
  [[nodiscard]] counter& open_flows(side from) noexcept {
    return from == side::outside ? counters_.flows_outside : counters_.flows_inside;
  }

  lane& lane_;
  sip_settings settings_;
  sip_user& user_;
  sip_counters counters_;
  sip::transaction_user decider_;
  sip::user_orders orders_;    ///< Being carried out; kept for its capacity.
  std::size_t next_order_ = 0; ///< Of them; those before it are done.
  bool is_carrying_out_ = false;
  slot_table<std::unique_ptr<sip_flow>> flows_; ///< One that closes outlives its place: the call comes from it.
  proved_flows proved_;
  next_hop_table next_hops_;
  sip::message_view view_; ///< Parsed into again and again.
  acceptor_of outside_{*this, side::outside};
  acceptor_of inside_{*this, side::inside};
  timer_id timer_;
  std::optional<time_point> timer_at_;
};

} // namespace sallyport::io
