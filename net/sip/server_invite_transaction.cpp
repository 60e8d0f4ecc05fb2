#include "net/sip/server_invite_transaction.hpp"

#include <algorithm>

namespace sallyport::sip {

server_invite_transaction::server_invite_transaction(time_point now, bool is_reliable,
                                                     const timer_values& timers) noexcept
  : timers_{timers}, ends_at_{now + timers.forgotten_after()}, is_reliable_{is_reliable} {}

transaction_actions server_invite_transaction::receive_request() const noexcept {
  return {.resend_response = state_ == state::proceeding || state_ == state::completed};
}

transaction_actions server_invite_transaction::receive_ack(time_point now) noexcept {
  if (state_ == state::accepted)
    return {.deliver = true};
  if (state_ != state::completed)
    return {};
  state_ = is_reliable_ ? state::terminated : state::confirmed;
  ends_at_ = now + timers_.t4; // Timer I, zero on reliable transports.
  resends_at_ = time_point::max();
  return {.terminated = is_reliable_};
}

transaction_actions server_invite_transaction::respond(time_point now, unsigned status) noexcept {
  const bool is_success = status >= 200 && status < 300;
  if (state_ == state::accepted) // Other forks answer too, and a lost 2xx comes again (RFC 6026, 7.1).
    return {.send_response = is_success};
  if (state_ != state::proceeding)
    return {};
  if (status >= 300)
    return complete(now);
  if (is_success)
    state_ = state::accepted;
  ends_at_ = now + (is_success ? timers_.lifetime() : timers_.forgotten_after()); // Timer L.
  return {.send_response = true};
}

transaction_actions server_invite_transaction::complete(time_point now) noexcept {
  state_ = state::completed;
  ends_at_ = now + timers_.lifetime(); // Timer H.
  if (!is_reliable_) {
    interval_ = timers_.t1;
    resends_at_ = now + interval_;
  }
  return {.send_response = true};
}

transaction_actions server_invite_transaction::fail() noexcept {
  state_ = state::terminated;
  return {.terminated = true};
}

transaction_actions server_invite_transaction::expire(time_point now) noexcept {
  if (state_ == state::terminated)
    return {};
  if (now >= ends_at_ && state_ == state::proceeding) {
    ends_at_ = now + timers_.lifetime(); // Again, should it not be answered now either.
    return {.forgotten = true};
  }
  if (now >= ends_at_) {
    const bool is_unacknowledged = state_ == state::completed;
    state_ = state::terminated;
    return {.timed_out = is_unacknowledged, .terminated = true};
  }
  if (now < resends_at_)
    return {};
  interval_ = std::min(2 * interval_, timers_.t2);
  resends_at_ = now + interval_;
  return {.resend_response = true};
}

std::optional<time_point> server_invite_transaction::next_deadline() const noexcept {
  const auto soonest = std::min(ends_at_, resends_at_);
  if (state_ == state::terminated || soonest == time_point::max())
    return std::nullopt;
  return soonest;
}

} // namespace sallyport::sip
