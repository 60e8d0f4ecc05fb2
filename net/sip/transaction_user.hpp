#pragma once
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "net/core/deadline_heap.hpp"
#include "net/core/slot_groups.hpp"
#include "net/core/slot_table.hpp"
#include "net/sip/access_judge.hpp"
#include "net/sip/transaction_layer.hpp"
#include "net/sip/user_counts.hpp"
#include "net/sip/user_order.hpp"
#include "net/sip/validate.hpp"

namespace sallyport::sip {

/// What every transaction user of a node is made of.
struct transaction_user_settings {
  session_facts facts; ///< All but `self`.
  std::shared_ptr<const access_judge> judge;
  siphash traces; ///< Of `trace_of`; the pool's.
  std::uint8_t lanes = 1;
  transaction_limits transactions;
  siphash table_hash; ///< Of this process alone.
  std::size_t sessions_max = 16'384;
  std::size_t unproved_sessions_max = 12'288;     ///< Of those, such as flows that nobody has proved may begin.
  std::size_t sessions_per_unproved_flow_max = 1; ///< Begun by one such flow; a registration is one.
  std::size_t sessions_per_user_max = 4'096;      ///< Begun by clients that have proved the same address-of-record.
  /// Of the requests that began these. Each is kept, for minutes while a call rings, and all users of the lane have
  /// `transaction_limits::kept_bytes_max` together.
  std::size_t request_bytes_per_user_max = 67'108'864;
  std::size_t events_per_session_max = 64; ///< In flight toward one session; past it what can be refused is.
  std::size_t events_max = 32'768;         ///< In flight toward all sessions; past it the same.
  seconds retry_after{10};                 ///< The least that who is refused is told.
};

/// One lane's transaction user (RFC 3261, 17) and the transactions below it: it judges requests, knows the sessions
/// whose home is this lane, hands them events one at a time, and does what they answer. What concerns another lane of
/// the node goes there as a `lane_order`. A session's home is the lane of its client's flow, wherever the request came
/// in. Pure: messages, answers and time come in, orders go out (appended to `out`). Whoever carries them out says what
/// could not be done.
///
/// Where memory runs out (whatever throws) at most the message or the session at hand is lost: what was ordered before
/// stands, and what is kept of the rest has an end of its own, by its timers.
class transaction_user {
public:
  transaction_user(const transaction_user_settings& settings, std::uint8_t lane);

  /// A message that parsed. `proved` is the address-of-record that its flow has proved; empty: none.
  void receive(time_point now, const arrival& from, std::string_view proved, const message_view& message,
               user_orders& out);
  /// One that did not: what of it could be read is in `message`. It gets its answer where there is somebody to answer.
  void receive_unreadable(const arrival& from, const message_view& message, parse_error error, user_orders& out);
  /// From another lane.
  void receive(time_point now, lane_order&& said, user_orders& out);

  /// A session's answer; one that is gone has none.
  void settle(time_point now, session_outcome&& outcome, user_orders& out);
  /// The session died without an answer, or could not be begun.
  void lose(time_point now, session_id session, user_orders& out);

  // What became of orders.
  void flow_failed(time_point now, flow_id flow, user_orders& out);
  void next_hop_failed(time_point now, next_hop hop, user_orders& out);
  void not_sent(time_point now, const client_key& client, client_failure_reason why, user_orders& out);
  /// The other lane is behind, and this is expendable.
  void not_told(time_point now, lane_order&& said, user_orders& out);

  /// A share of what is due: whoever asks comes again while `next_deadline` has passed.
  void expire(time_point now, user_orders& out);
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  /// Ends every session.
  void close(user_orders& out);

  [[nodiscard]] const user_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] const transaction_layer& transactions() const noexcept { return layer_; }
  [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }
  [[nodiscard]] std::size_t users() const noexcept { return held_by_.size(); } ///< Whose clients began them.

private:
  struct held_share {
    std::size_t sessions = 0;
    std::size_t request_bytes = 0;
  };
  struct open_session {
    trace_id trace = 0;            ///< Of the request that began it.
    std::uint64_t user = 0;        ///< Whose client began it, as in `request_facts`.
    std::size_t in_flight = 0;     ///< Events that it has not answered yet: the credit it holds.
    std::size_t request_bytes = 0; ///< Of the request that began it.
    bool is_strangers = false;     ///< Begun by an unproved flow: it is in `of_strangers_`.
    method opened_by = method::other;
    std::uint32_t sent = 0; ///< Number of its latest request; 0: none yet.
    /// Lanes of INVITEs that left by another lane's flow and wait for their answer, so that a CANCEL finds them.
    std::unordered_map<std::uint32_t, std::uint8_t> elsewhere = {};
  };

  // Requests.
  void receive_request(time_point now, const arrival& from, std::string_view proved, const message_view& request,
                       user_orders& out);
  void receive_ack_or_cancel(time_point now, const arrival& from, const message_view& request,
                             const request_facts& read, user_orders& out);
  void admit(time_point now, const arrival& from, const message_view& request, const request_facts& read,
             bool is_inward, user_orders& out);
  void forward_ack(time_point now, const arrival& from, const message_view& request, const request_facts& read,
                   user_orders& out);
  void refuse(const arrival& from, const message_view& request, unsigned status, std::string_view reason,
              trace_id trace, user_orders& out, std::span<const header_text> extra = {}) const;
  void overload(time_point now, const request_received& request, user_orders& out);
  [[nodiscard]] arrival without_budgets_in_dialog(const arrival& from, const request_facts& read) noexcept;
  [[nodiscard]] bool is_of_live_dialog(const request_facts& read) noexcept;
  [[nodiscard]] token_state state_of(const route_facts& routes) const noexcept;

  // Sessions.
  [[nodiscard]] session_id named_by(const route_token* token) noexcept;
  [[nodiscard]] bool is_known_elsewhere(const session_id& id) const noexcept;
  [[nodiscard]] std::uint8_t lane_of(const flow_id& flow) const noexcept;
  void place(time_point now, session_wanted&& first, user_orders& out);
  void offer(time_point now, const session_id& id, request_received&& request, user_orders& out);
  void offer(time_point now, const session_id& id, ack_received&& ack, user_orders& out);
  void take_in(time_point now, session_wanted&& wanted, user_orders& out);
  void begin(time_point now, request_received&& first, user_orders& out);
  void begin(time_point now, ack_received&& first, user_orders& out);
  [[nodiscard]] std::string_view share_taken(const arrival& from, std::uint64_t user) const;
  [[nodiscard]] session_id open(bool is_dialog, const arrival& from, const request_facts& first,
                                std::size_t request_bytes, user_orders& out);
  void abandon(time_point now, flow_id flow, user_orders& out);
  void end(const session_id& id, user_orders& out);
  void forget(const session_id& id) noexcept;
  /// To the session, wherever its home is; false if it cannot be delivered.
  bool deliver(const session_id& id, session_event&& event, user_orders& out);
  void wake(time_point now, const session_id& id, user_orders& out);
  [[nodiscard]] bool is_behind() const noexcept { return counts_.in_flight >= settings_.events_max; }

  // From other lanes.
  void take(time_point now, session_gone& gone, user_orders& out);
  void take(time_point now, relayed_event& relayed, user_orders& out);
  void take(time_point now, session_wanted& wanted, user_orders& out);
  void take(time_point now, session_assigned& assigned, user_orders& out);
  void take(time_point now, relayed_order& relayed, user_orders& out);
  void take(time_point now, relayed_response& relayed, user_orders& out);

  // Responses, and what the transactions say.
  void receive_response(time_point now, const arrival& from, const message_view& response, user_orders& out);
  void drain(user_orders& out);
  /// Has the transactions do something, and does what they ask for: also when they could not do it whole.
  template <class Call>
  auto ask_layer(user_orders& out, Call&& call);

  // What sessions order.
  [[nodiscard]] std::uint8_t lane_for(const open_session& owner, const order& asked) const;
  void carry_out(time_point now, const session_id& id, order&& asked, user_orders& out);
  void carry_out_here(time_point now, const session_id& id, order&& asked, user_orders& out);
  void tell(std::uint8_t lane, lane_order&& said, user_orders& out);

  transaction_user_settings settings_;
  lane_ref home_;
  transaction_layer layer_;
  actions actions_; ///< Of the layer, on their way; kept for its capacity.
  slot_table<open_session> sessions_;
  std::unordered_map<std::uint64_t, held_share> held_by_; ///< By each user; 0, nobody, is left out.
  slot_groups<flow_id, lane_ref_hash> of_strangers_;      ///< Sessions that unproved flows have begun, by flow.
  deadline_heap deadlines_;                               ///< Of sessions.
  user_counts counts_;
};

} // namespace sallyport::sip
