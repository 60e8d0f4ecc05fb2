#include "net/sip/client_invite_transaction.hpp"

#include <algorithm>

namespace sallyport::sip {

client_invite_transaction::client_invite_transaction(time_point now, bool is_reliable,
                                                     const timer_values& timers) noexcept
  : timers_{timers}, ends_at_{now + timers.lifetime()}, is_reliable_{is_reliable} {
  if (is_reliable_)
    return;
  interval_ = timers_.t1;
  resends_at_ = now + interval_;
}

transaction_actions client_invite_transaction::receive_response(time_point now, unsigned status) noexcept {
  const bool is_open = state_ == state::calling || state_ == state::proceeding;
  const bool is_success = status >= 200 && status < 300;
  if (status < 200)
    return is_open ? receive_provisional(now) : transaction_actions{};
  if (is_success && is_open) {
    state_ = state::accepted;
    ends_at_ = now + timers_.lifetime(); // Timer M.
    resends_at_ = time_point::max();
    return {.deliver = true};
  }
  if (is_success) // Every 2xx goes up: another fork, or one whose ACK was lost (RFC 6026, 7.2).
    return {.deliver = state_ == state::accepted};
  if (is_open)
    return receive_refusal(now);
  return {.send_ack = state_ == state::completed};
}

transaction_actions client_invite_transaction::receive_provisional(time_point now) noexcept {
  if (state_ == state::calling) {
    state_ = state::proceeding;
    resends_at_ = time_point::max();
  }
  // Timer B is over: from here on it is the proxy's Timer C that limits the wait. Whoever is to cancel has done so by
  // then, or is gone.
  if (!is_cancel_sent_)
    ends_at_ = now + timers_.forgotten_after() + timers_.lifetime();
  transaction_actions actions{.deliver = true};
  if (is_cancel_wanted_ && !is_cancel_sent_) {
    actions.send_cancel = is_cancel_sent_ = true;
    ends_at_ = now + timers_.lifetime();
  }
  return actions;
}

transaction_actions client_invite_transaction::receive_refusal(time_point now) noexcept {
  state_ = is_reliable_ ? state::terminated : state::completed;
  ends_at_ = now + timers_.d; // Timer D, zero on reliable transports.
  resends_at_ = time_point::max();
  return {.deliver = true, .send_ack = true, .terminated = is_reliable_};
}

transaction_actions client_invite_transaction::cancel(time_point now) noexcept {
  is_cancel_wanted_ = true;
  if (state_ != state::proceeding || is_cancel_sent_)
    return {};
  is_cancel_sent_ = true;
  ends_at_ = now + timers_.lifetime(); // RFC 3261, 9.1: without a final response by then it counts as cancelled.
  return {.send_cancel = true};
}

transaction_actions client_invite_transaction::fail() noexcept {
  const bool is_open = state_ == state::calling || state_ == state::proceeding;
  state_ = state::terminated;
  return {.timed_out = is_open, .terminated = true};
}

transaction_actions client_invite_transaction::expire(time_point now) noexcept {
  if (state_ == state::terminated)
    return {};
  if (now >= ends_at_) {
    const bool is_open = state_ == state::calling || state_ == state::proceeding;
    state_ = state::terminated;
    return {.timed_out = is_open, .terminated = true};
  }
  if (now < resends_at_)
    return {};
  interval_ *= 2; // Timer A doubles without bound (17.1.1.2); Timer B ends it.
  resends_at_ = now + interval_;
  return {.send_request = true};
}

std::optional<time_point> client_invite_transaction::next_deadline() const noexcept {
  const auto soonest = std::min(ends_at_, resends_at_);
  if (state_ == state::terminated || soonest == time_point::max())
    return std::nullopt;
  return soonest;
}

} // namespace sallyport::sip
