#include "net/sip/client_non_invite_transaction.hpp"

#include <algorithm>

namespace sallyport::sip {

client_non_invite_transaction::client_non_invite_transaction(time_point now, bool is_reliable,
                                                             const timer_values& timers) noexcept
  : timers_{timers}, ends_at_{now + timers.lifetime()}, is_reliable_{is_reliable} {
  if (is_reliable_)
    return;
  interval_ = timers_.t1;
  resends_at_ = now + interval_;
}

transaction_actions client_non_invite_transaction::receive_response(time_point now, unsigned status) noexcept {
  if (state_ != state::trying && state_ != state::proceeding)
    return {};
  if (status < 200) {
    state_ = state::proceeding;
    return {.deliver = true};
  }
  state_ = is_reliable_ ? state::terminated : state::completed;
  ends_at_ = now + timers_.t4; // Timer K, zero on reliable transports.
  resends_at_ = time_point::max();
  return {.deliver = true, .terminated = is_reliable_};
}

transaction_actions client_non_invite_transaction::fail() noexcept {
  const bool is_open = state_ == state::trying || state_ == state::proceeding;
  state_ = state::terminated;
  return {.timed_out = is_open, .terminated = true};
}

transaction_actions client_non_invite_transaction::expire(time_point now) noexcept {
  if (state_ == state::terminated)
    return {};
  if (now >= ends_at_) {
    const bool is_open = state_ != state::completed;
    state_ = state::terminated;
    return {.timed_out = is_open, .terminated = true};
  }
  if (now < resends_at_)
    return {};
  // Timer E doubles up to T2, and is T2 once a provisional response shows that the request arrived (17.1.2.2).
  interval_ = state_ == state::proceeding ? timers_.t2 : std::min(2 * interval_, timers_.t2);
  resends_at_ = now + interval_;
  return {.send_request = true};
}

std::optional<time_point> client_non_invite_transaction::next_deadline() const noexcept {
  if (state_ == state::terminated)
    return std::nullopt;
  return std::min(ends_at_, resends_at_);
}

} // namespace sallyport::sip
