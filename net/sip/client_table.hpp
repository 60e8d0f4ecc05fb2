#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "net/core/deadline_heap.hpp"
#include "net/core/siphash.hpp"
#include "net/core/slot_groups.hpp"
#include "net/core/slot_table.hpp"
#include "net/sip/client_invite_transaction.hpp"
#include "net/sip/client_non_invite_transaction.hpp"
#include "net/sip/client_request.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/transaction_counts.hpp"
#include "net/sip/transaction_limits.hpp"

namespace sallyport::sip {

/// The client transactions of a lane: found by branch and method, by the session's number, by destination; their
/// requests as sent, and their deadlines. A CANCEL of ours is one of them, whose responses end here.
class client_table {
public:
  client_table(const timer_values& timers, siphash hash, transaction_counts& counts);

  using slot = std::uint32_t;

  [[nodiscard]] std::optional<slot> find(std::string_view branch, method kind) const;
  [[nodiscard]] std::optional<slot> find(const client_key& client) const;

  /// Sends the request.
  void add(time_point now, client_request request, actions& out);
  /// True if the response is for the session.
  [[nodiscard]] bool receive_response(time_point now, slot at, const message_view& response, actions& out);
  void cancel(time_point now, slot at, actions& out);
  void fail(slot at, client_failure_reason reason, actions& out);
  void fail_all(const destination& to, actions& out);
  void session_lost(time_point now, session_id session, actions& out);
  /// `expired_at_once_max` of those that are due.
  void expire(time_point now, actions& out);

  [[nodiscard]] const destination& to(slot at) noexcept { return entries_[at].to; }
  [[nodiscard]] client_key client(slot at) noexcept { return entries_[at].client; }
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept { return deadlines_.next(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_bytes_; }

private:
  using machine = std::variant<client_invite_transaction, client_non_invite_transaction>;
  struct entry {
    machine state;
    client_key client;
    destination to;
    transport over = transport::tls;
    bool is_cancel = false; ///< Nobody but us waits for its response.
    bool is_in_dialog = false;
    const std::string* key = nullptr; ///< Of `by_key_`, whose nodes do not move.
    shared_bytes sent = nullptr;      ///< The request until a final response; then the ACK of a refusal.
  };

  slot insert(time_point now, client_request request, bool is_cancel, actions& out);
  void send_sent(const entry& held, actions& out) const;
  void send_ack(slot at, const message_view* response, actions& out);
  void send_cancel(time_point now, slot at, actions& out);
  void carry_out(time_point now, slot at, const transaction_actions& asked, client_failure_reason reason, actions& out);
  void keep(entry& held, shared_bytes bytes) noexcept;
  void erase(slot at) noexcept;

  timer_values timers_;
  transaction_counts& counts_;
  slot_table<entry> entries_;
  std::unordered_map<std::string, slot, siphash, std::equal_to<>> by_key_;
  std::unordered_map<client_key, slot, client_key_hash> by_client_;
  slot_groups<destination, destination_hash> by_destination_;
  deadline_heap deadlines_;
  message_view reread_; ///< A request as sent, read again to make its ACK or CANCEL.
  std::size_t kept_bytes_ = 0;
};

} // namespace sallyport::sip
