#pragma once
#include <optional>

#include "net/sip/timers.hpp"
#include "net/sip/transaction_actions.hpp"

namespace sallyport::sip {

/// Any request but INVITE and ACK as its receiver sees it: RFC 3261, 17.2.2 as RFC 4320 corrects it: no 408, no
/// provisional response but a late 100, and silence once the client has given up.
/// Pure: it holds no message, only where the transaction stands and when it next has something to do.
class server_non_invite_transaction {
public:
  enum class state : std::uint8_t { trying, proceeding, completed, terminated };

  server_non_invite_transaction(time_point now, bool is_reliable, const timer_values& timers) noexcept;

  /// The request again: a retransmission.
  [[nodiscard]] transaction_actions receive_request() const noexcept;
  /// The transaction user's response; no action if it may not be sent (any more): 1xx, 408, a second final.
  [[nodiscard]] transaction_actions respond(time_point now, unsigned status) noexcept;
  [[nodiscard]] transaction_actions fail() noexcept;
  [[nodiscard]] transaction_actions expire(time_point now) noexcept;

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] state current() const noexcept { return state_; }

private:
  timer_values timers_;
  time_point trying_at_; ///< When the 100 is due (RFC 4320, 4.1).
  time_point ends_at_;   ///< The client's Timer F; once completed, Timer J.
  state state_ = state::trying;
  bool is_reliable_;
};

} // namespace sallyport::sip
