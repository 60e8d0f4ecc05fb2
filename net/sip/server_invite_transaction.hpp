#pragma once
#include <optional>

#include "net/sip/timers.hpp"
#include "net/sip/transaction_actions.hpp"

namespace sallyport::sip {

/// An INVITE as its receiver sees it: RFC 3261, 17.2.1 with the Accepted state of RFC 6026, 7.1.
/// Timer C bounds how long a proxy waits (16.8), so one that is still without a final response long after it has been
/// forgotten by whoever works for it: it has an end all the same, for the client's has none. Pure: it holds no message,
/// only where the transaction stands and when it next has something to do.
class server_invite_transaction {
public:
  enum class state : std::uint8_t { proceeding, completed, confirmed, accepted, terminated };

  /// The INVITE has just arrived; the layer answers it with a 100 at once.
  server_invite_transaction(time_point now, bool is_reliable, const timer_values& timers) noexcept;

  /// The INVITE again: a retransmission.
  [[nodiscard]] transaction_actions receive_request() const noexcept;
  /// An ACK that matches this transaction. Delivered only once a 2xx was sent (RFC 6026, 7.1).
  [[nodiscard]] transaction_actions receive_ack(time_point now) noexcept;
  /// The transaction user's response; no action if the state does not allow it any more.
  [[nodiscard]] transaction_actions respond(time_point now, unsigned status) noexcept;
  /// The connection to the client is gone.
  [[nodiscard]] transaction_actions fail() noexcept;
  [[nodiscard]] transaction_actions expire(time_point now) noexcept;

  /// When `expire` next has something to do.
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] state current() const noexcept { return state_; }

private:
  [[nodiscard]] transaction_actions complete(time_point now) noexcept;

  timer_values timers_;
  time_point ends_at_;                        ///< When it counts as forgotten; then Timer H, I or L.
  time_point resends_at_ = time_point::max(); ///< Timer G.
  milliseconds interval_{0};                  ///< What Timer G was last set to.
  state state_ = state::proceeding;
  bool is_reliable_;
};

} // namespace sallyport::sip
