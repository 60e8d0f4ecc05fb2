#pragma once
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "net/core/deadline_heap.hpp"
#include "net/core/siphash.hpp"
#include "net/core/slot_groups.hpp"
#include "net/core/slot_table.hpp"
#include "net/sip/actions.hpp"
#include "net/sip/server_invite_transaction.hpp"
#include "net/sip/server_non_invite_transaction.hpp"
#include "net/sip/transaction_counts.hpp"
#include "net/sip/transaction_limits.hpp"

namespace sallyport::sip {

/// The server transactions of a lane: found by key, by number, by flow; their last responses and their deadlines.
class server_table {
public:
  server_table(lane_ref home, const timer_values& timers, siphash hash, transaction_counts& counts);

  /// A transaction of this table, valid until it is changed.
  using slot = std::uint32_t;

  [[nodiscard]] std::optional<slot> find(std::string_view key) const;
  [[nodiscard]] std::optional<slot> find(transaction_id transaction);
  /// `provisional` is the 100 that may be sent: at once for an INVITE, late if at all for any other.
  slot add(time_point now, std::string_view key, const arrival& from, bool is_invite, std::string provisional);

  [[nodiscard]] transaction_id id(slot at) const noexcept { return entries_.name(at); }
  [[nodiscard]] session_id session(slot at) noexcept { return entries_[at].session; }
  /// False if it was cancelled before.
  bool assign(slot at, session_id session) noexcept {
    entries_[at].session = session;
    return !entries_[at].is_cancelled;
  }
  [[nodiscard]] bool awaits_final(slot at) noexcept;
  /// False if it was cancelled before.
  [[nodiscard]] bool cancel(slot at) noexcept { return !std::exchange(entries_[at].is_cancelled, true); }

  void receive_request(slot at, actions& out);
  /// True if the ACK is one of a 2xx, for the transaction user.
  [[nodiscard]] bool receive_ack(time_point now, slot at, actions& out);
  void respond(time_point now, slot at, unsigned status, std::string bytes, actions& out);
  void send_last(slot at, actions& out);
  /// One that nobody will answer any more gets a 500; one that is answered stays as it is.
  void give_up(time_point now, slot at, actions& out);
  /// As if it had not been.
  void erase(slot at) noexcept;
  void flow_failed(flow_id flow, actions& out);
  void session_lost(time_point now, session_id session, actions& out);
  /// `expired_at_once_max` of those that are due.
  void expire(time_point now, actions& out);

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept { return deadlines_.next(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// Those that came by this flow; counts no further than `enough`.
  [[nodiscard]] std::size_t count(const flow_id& flow, std::size_t enough) const {
    return by_flow_.count(flow, enough);
  }
  [[nodiscard]] std::size_t kept_bytes() const noexcept { return kept_bytes_; }

private:
  using machine = std::variant<server_invite_transaction, server_non_invite_transaction>;
  struct entry {
    machine state;
    arrival from;
    session_id session;
    bool is_cancelled = false;
    const std::string* key = nullptr;     ///< Of `by_key_`, whose nodes do not move.
    shared_bytes last_response = nullptr; ///< A non-INVITE that waits has its 100 here.
  };

  void carry_out(slot at, const transaction_actions& asked, server_end_reason reason, actions& out);
  void schedule(slot at) noexcept;
  void keep(entry& held, shared_bytes bytes) noexcept;

  timer_values timers_;
  siphash hash_;
  transaction_counts& counts_;
  slot_table<entry> entries_;
  std::unordered_map<std::string, slot, siphash, std::equal_to<>> by_key_;
  slot_groups<flow_id, lane_ref_hash> by_flow_;
  deadline_heap deadlines_;
  std::size_t kept_bytes_ = 0;
};

} // namespace sallyport::sip
