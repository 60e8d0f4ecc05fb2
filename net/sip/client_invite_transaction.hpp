#pragma once
#include <optional>

#include "net/sip/timers.hpp"
#include "net/sip/transaction_actions.hpp"

namespace sallyport::sip {

/// An INVITE as its sender sees it: RFC 3261, 17.1.1 with the Accepted state of RFC 6026, 7.2, and the CANCEL that
/// waits for a provisional response (RFC 3261, 9.1). The INVITE is sent when the transaction is made. Pure: it holds no
/// message, only where the transaction stands and when it next has something to do.
class client_invite_transaction {
public:
  enum class state : std::uint8_t { calling, proceeding, completed, accepted, terminated };

  client_invite_transaction(time_point now, bool is_reliable, const timer_values& timers) noexcept;

  [[nodiscard]] transaction_actions receive_response(time_point now, unsigned status) noexcept;
  /// Wants the INVITE cancelled: the CANCEL goes out now or with the first provisional response, or never if a final
  /// response comes first. 64*T1 after the CANCEL the transaction times out.
  [[nodiscard]] transaction_actions cancel(time_point now) noexcept;
  /// The connection to the server is gone.
  [[nodiscard]] transaction_actions fail() noexcept;
  [[nodiscard]] transaction_actions expire(time_point now) noexcept;

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] state current() const noexcept { return state_; }

private:
  [[nodiscard]] transaction_actions receive_provisional(time_point now) noexcept;
  [[nodiscard]] transaction_actions receive_refusal(time_point now) noexcept;

  timer_values timers_;
  time_point ends_at_;                        ///< Timer B, D or M, or the end of the wait after a CANCEL.
  time_point resends_at_ = time_point::max(); ///< Timer A.
  milliseconds interval_{0};                  ///< What Timer A was last set to.
  state state_ = state::calling;
  bool is_reliable_;
  bool is_cancel_wanted_ = false;
  bool is_cancel_sent_ = false;
};

} // namespace sallyport::sip
