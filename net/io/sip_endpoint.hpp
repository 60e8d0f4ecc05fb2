#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/core/siphash.hpp"
#include "net/io/connector.hpp"
#include "net/io/next_hop_table.hpp"
#include "net/io/sip_flow.hpp"
#include "net/io/sip_user.hpp"
#include "net/io/slots.hpp"
#include "net/sip/transaction_layer.hpp"
#include "net/sip/validate.hpp"
#include "net/sip/writer.hpp"
#include "net/tls/context_slot.hpp"

namespace sallyport::io {

/// How one inside server is reached.
struct next_hop_settings {
  connect_request connection;                            ///< Its `tls` is taken from the slot each time.
  tls::context_slot<tls::client_context>* tls = nullptr; ///< Null: plain TCP.
};

/// What one lane's SIP is made of. Pointers outlive the endpoint.
struct sip_settings {
  std::uint16_t node = 0;
  std::shared_ptr<const sip::edge_identity> identity;
  std::shared_ptr<const keyed_hash> loop_key;
  siphash table_hash;
  sip::timer_values timers;
  sip::transaction_limits transactions;
  std::size_t flows_max = 16'384;         ///< Connections that others open; ours to the next hops come besides.
  std::size_t inside_flows_reserved = 64; ///< Besides too, for servers of ours: no crowd outside locks them out.
  sip_flow_limits outside;
  sip_flow_limits inside;
  std::vector<next_hop_settings> next_hops; ///< A `sip::next_hop` names its place here.
  next_hop_link::limits next_hop_queue;     ///< Of each.
};

/// The SIP of one lane: its connections, its transactions, and the roads to the next hops. Everything here is for the
/// lane's thread.
class sip_endpoint final : private sip_flow_user, private timer_handler {
public:
  sip_endpoint(lane& home, const sip_settings& settings, sip_user& user);
  ~sip_endpoint();
  sip_endpoint(const sip_endpoint&) = delete;
  sip_endpoint& operator=(const sip_endpoint&) = delete;

  /// Where the listeners (or demultiplexers) of either side put their connections.
  [[nodiscard]] stream_acceptor& door(side from) noexcept { return from == side::outside ? outside_ : inside_; }

  /// A response that another lane received and that belongs here.
  void receive_response(const sip::arrival& from, const sip::message_view& response);

  // What the user says of a request it was given.
  [[nodiscard]] sip::request_verdict open_transaction(const sip::arrival& from, const sip::message_view& request);
  /// Answers without a transaction; an ACK gets nothing and is counted as dropped. `reason` is a literal.
  void refuse(const sip::arrival& from, const sip::message_view& request, unsigned status, std::string_view reason,
              std::span<const sip::header_text> extra = {});
  /// Counts and logs it, and does nothing else. `reason` is a literal.
  void drop(std::string_view reason);

  // What sessions order.
  void assign(sip::transaction_id transaction, sip::session_id session) { layer_.assign(transaction, session); }
  void respond(sip::transaction_id transaction, unsigned status, std::string bytes);
  void request(sip::client_request request);
  void send_stateless(const sip::destination& to, std::string bytes);
  void cancel(const sip::client_key& client);
  void session_lost(sip::session_id session);
  void prove(sip::flow_id flow, std::string address_of_record, sip::binding_id binding);

  /// Null when the connection is gone.
  [[nodiscard]] const sip_flow* find_flow(sip::flow_id flow) const noexcept { return flows_.find(flow); }
  [[nodiscard]] bool owns(const lane_ref& name) const noexcept { return flows_.is_ours(name); }
  [[nodiscard]] const sip_counters& counters() const noexcept { return counters_; }
  [[nodiscard]] lane& home() const noexcept { return lane_; }

  /// Closes every connection; their `on_closed` come with the next turns.
  void close_all(close_reason reason);

private:
  /// One side's door: new connections become flows of that side.
  struct door_of final : stream_acceptor {
    door_of(sip_endpoint& owner, side which) : endpoint{owner}, from{which} {}
    void on_stream(stream_ptr connection, std::span<const std::byte> first_bytes) override {
      endpoint.adopt(std::move(connection), from, first_bytes);
    }
    sip_endpoint& endpoint;
    side from;
  };

  void adopt(stream_ptr connection, side from, std::span<const std::byte> first_bytes);
  [[nodiscard]] sip_flow* make_flow(side from);
  void connect_next_hop(sip::next_hop hop, next_hop_link& link);
  void lose_next_hop(sip::next_hop hop);

  void on_flow_open(sip_flow& flow) override;
  void on_message(sip_flow& flow, std::string_view bytes) override;
  void on_broken_stream(sip_flow& flow, sip::parse_error error, std::string_view head) override;
  void on_flow_closed(sip_flow& flow, close_reason reason) override;
  void on_timer(std::uint64_t cookie) override;

  void receive_request(const sip::arrival& from);
  void answer_unreadable(const sip::arrival& from, sip::parse_error error);
  void carry_out(sip::actions&& out);
  void carry_out(sip::send& message);
  [[nodiscard]] bool send_to_next_hop(sip::next_hop hop, next_hop_link& link, sip::send& message);
  [[nodiscard]] bool send_on_flow(sip::flow_id to, std::string_view bytes);
  void rearm();
  [[nodiscard]] counter& open_flows(side from) noexcept {
    return from == side::outside ? counters_.flows_outside : counters_.flows_inside;
  }

  lane& lane_;
  sip_settings settings_;
  sip_user& user_;
  sip_counters counters_;
  sip::transaction_layer layer_;
  slots<sip_flow> flows_;
  next_hop_table next_hops_;
  sip::message_view view_; ///< Parsed into again and again.
  door_of outside_{*this, side::outside};
  door_of inside_{*this, side::inside};
  timer_id timer_;
  std::optional<time_point> timer_at_;
};

} // namespace sallyport::io
