#pragma once
#include <optional>

#include "net/sip/timers.hpp"
#include "net/sip/transaction_actions.hpp"

namespace sallyport::sip {

/// Any request but INVITE and ACK as its sender sees it: RFC 3261, 17.1.2. The request is sent when the transaction is
/// made. Pure: it holds no message, only where the transaction stands and when it next has something to do.
class client_non_invite_transaction {
public:
  enum class state : std::uint8_t { trying, proceeding, completed, terminated };

  client_non_invite_transaction(time_point now, bool is_reliable, const timer_values& timers) noexcept;

  [[nodiscard]] transaction_actions receive_response(time_point now, unsigned status) noexcept;
  /// The connection to the server is gone.
  [[nodiscard]] transaction_actions fail() noexcept;
  [[nodiscard]] transaction_actions expire(time_point now) noexcept;

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] state current() const noexcept { return state_; }

private:
  timer_values timers_;
  time_point ends_at_;                        ///< Timer F, then K.
  time_point resends_at_ = time_point::max(); ///< Timer E.
  milliseconds interval_{0};                  ///< What Timer E was last set to.
  state state_ = state::trying;
  bool is_reliable_;
};

} // namespace sallyport::sip
