#pragma once
#include "net/sip/client_table.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/server_table.hpp"
#include "net/sip/transaction_limits.hpp"
#include "net/sip/verdicts.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {

/// The transactions of one lane: RFC 3261, 17 with RFC 4320 and RFC 6026. It matches messages, keeps last responses,
/// retransmits, and makes what is answered hop by hop: 100, ACK of a refusal, CANCEL and its 200, 481, 503.
/// Pure: messages and time come in, actions go out (appended to `out`).
class transaction_layer {
public:
  /// `home` gives node and lane to transaction ids; `hash` keys the tables and the To tags made here.
  transaction_layer(lane_ref home, const timer_values& timers, const transaction_limits& limits, siphash hash);
  transaction_layer(const transaction_layer&) = delete;
  transaction_layer& operator=(const transaction_layer&) = delete;

  /// A request that parsed. An INVITE has its 100 among the actions. `is_wanted`: whether a new one gets a transaction;
  /// a refusal would keep its own until its ACK comes.
  [[nodiscard]] request_verdict receive_request(time_point now, const arrival& from, const message_view& request,
                                                actions& out, bool is_wanted = true);
  /// Names the session that works for a server transaction. False if nobody waits for it any more: the transaction was
  /// cancelled, or is gone.
  bool assign(transaction_id transaction, session_id session);
  /// The transaction user's response, whole. One that the transaction does not allow (any more) is dropped and counted:
  /// a second final other than a further 2xx of an INVITE, and what RFC 4320 forbids.
  void respond(time_point now, transaction_id transaction, unsigned status, std::string bytes, actions& out);

  /// Whoever was to answer this one cannot: it gets a 500, unless it has its answer.
  void give_up(time_point now, transaction_id transaction, actions& out);

  /// Sends a request in a client transaction of its own. Not for ACK of a 2xx, which has none.
  void request(time_point now, client_request request, actions& out);
  [[nodiscard]] response_verdict receive_response(time_point now, const arrival& from, const message_view& response,
                                                  actions& out);
  /// Cancels an INVITE (RFC 3261, 9.1): at once after a provisional response, else with the first one.
  void cancel(time_point now, const client_key& client, actions& out);

  /// The connection is gone: its client transactions fail; requests that it brought and that wait are ended.
  void flow_failed(time_point now, flow_id flow, actions& out);
  /// The connection to an inside server is gone: the transactions on it without a final response fail.
  void next_hop_failed(time_point now, next_hop hop, actions& out);
  /// This request could not be sent.
  void client_failed(time_point now, const client_key& client, client_failure_reason why, actions& out);
  /// The session died without answering: what waits for it gets a 500, what it sent is cancelled or forgotten.
  void session_lost(time_point now, session_id session, actions& out);

  /// As `transaction_user::expire`.
  void expire(time_point now, actions& out);
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  [[nodiscard]] std::size_t server_count() const noexcept; ///< Lingering ones included.
  [[nodiscard]] std::size_t client_count() const noexcept; ///< Lingering ones included.
  [[nodiscard]] std::size_t kept_bytes() const noexcept;
  [[nodiscard]] const transaction_counts& counts() const noexcept { return counts_; }

private:
  [[nodiscard]] request_verdict receive_ack(time_point now, actions& out);
  [[nodiscard]] request_verdict receive_cancel(time_point now, const arrival& from, const message_view& cancel,
                                               actions& out);
  [[nodiscard]] request_verdict begin(time_point now, const arrival& from, const message_view& request, actions& out);
  [[nodiscard]] request_verdict refuse_for_now(const arrival& from, const message_view& request, request_refusal why,
                                               actions& out) const;
  void answer(const arrival& from, const message_view& request, unsigned status, actions& out,
              std::span<const header_text> extra = {}) const;
  [[nodiscard]] bool is_full(const arrival& from) const noexcept;

  lane_ref home_;
  transaction_limits limits_;
  siphash hash_;
  transaction_counts counts_;
  server_table servers_;
  client_table clients_;
  std::string key_; ///< Of the request at hand; kept for its capacity.
};

} // namespace sallyport::sip
