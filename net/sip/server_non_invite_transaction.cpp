#include "net/sip/server_non_invite_transaction.hpp"

#include <algorithm>

namespace sallyport::sip {

server_non_invite_transaction::server_non_invite_transaction(time_point now, bool is_reliable,
                                                             const timer_values& timers) noexcept
  : timers_{timers}, trying_at_{now + timers.trying_delay()}, ends_at_{now + timers.lifetime()}, is_reliable_{
                                                                                                   is_reliable} {}

transaction_actions server_non_invite_transaction::receive_request() const noexcept {
  return {.resend_response = state_ == state::proceeding || state_ == state::completed};
}

transaction_actions server_non_invite_transaction::respond(time_point now, unsigned status) noexcept {
  const bool is_open = state_ == state::trying || state_ == state::proceeding;
  // A 408 always comes too late to be of use, and a provisional response other than our own 100 has none (RFC 4320, 4).
  if (!is_open || status < 200 || status == 408)
    return {};
  state_ = is_reliable_ ? state::terminated : state::completed;
  ends_at_ = now + timers_.lifetime(); // Timer J, zero on reliable transports.
  trying_at_ = time_point::max();
  return {.send_response = true, .terminated = is_reliable_};
}

transaction_actions server_non_invite_transaction::fail() noexcept {
  state_ = state::terminated;
  return {.terminated = true};
}

transaction_actions server_non_invite_transaction::expire(time_point now) noexcept {
  if (state_ == state::terminated)
    return {};
  if (now >= ends_at_) {
    const bool is_unanswered = state_ != state::completed;
    state_ = state::terminated;
    return {.timed_out = is_unanswered, .terminated = true};
  }
  if (now < trying_at_)
    return {};
  state_ = state::proceeding;
  trying_at_ = time_point::max();
  return {.send_trying = true};
}

std::optional<time_point> server_non_invite_transaction::next_deadline() const noexcept {
  if (state_ == state::terminated)
    return std::nullopt;
  return std::min(ends_at_, trying_at_);
}

} // namespace sallyport::sip
