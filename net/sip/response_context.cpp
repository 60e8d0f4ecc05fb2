#include "net/sip/response_context.hpp"

namespace sallyport::sip {
namespace {

/// When what becomes of a request is known (64*T1 after it or its CANCEL was sent) and told. By then nothing more will
/// come, not even that.
constexpr milliseconds outcome_after(const timer_values& timers) {
  return timers.lifetime() + timers.lifetime() / 2;
}

} // namespace

response_context::response_context(time_point now, bool is_invite, const timer_values& timers) noexcept
  : timers_{timers}, deadline_{now + (is_invite ? timers.c : outcome_after(timers))}, is_invite_{is_invite} {}

context_answer response_context::receive_response(time_point now, unsigned status) noexcept {
  if (state_ == state::done)
    return {};
  const bool is_success = status >= 200 && status < 300;
  if (state_ == state::accepted) // 16.7 step 5: every 2xx of an INVITE, and nothing else once one went up.
    return {.forward = is_success};
  if (status < 200) {
    if (is_invite_ && status > 100 && state_ == state::waiting)
      deadline_ = now + timers_.c; // 16.7 step 2.
    // A 100 is hop by hop; RFC 4320, 4.1: a non-INVITE request has no other provisional response.
    return {.forward = is_invite_ && status > 100};
  }
  const bool stays_open = is_invite_ && is_success;
  state_ = stays_open ? state::accepted : state::done;
  deadline_ = now + timers_.lifetime();
  return {.forward = true};
}

context_answer response_context::cancel() noexcept {
  if (!is_invite_ || has_final()) // RFC 3261, 9.1 and 9.2: nothing else can be cancelled, and nothing that is answered.
    return {};
  is_cancelled_upstream_ = true;
  if (state_ != state::waiting)
    return {};
  state_ = state::cancelling;
  deadline_ += outcome_after(timers_);
  return {.cancel = true};
}

context_answer response_context::fail(client_failure_reason reason) noexcept {
  if (has_final())
    return {};
  state_ = state::done;
  // 16.9: an error of the transport is a 503 of the far side. It goes on as one, since whatever comes next would fare
  // no better: there is one target, and it cannot be reached (16.7 step 6).
  if (reason == client_failure_reason::overload || reason == client_failure_reason::transport)
    return {.status = 503};
  if (!is_invite_)
    return {}; // RFC 4320, 4.2: too late for any answer.
  return {.status = is_cancelled_upstream_ ? 487U : 408U};
}

context_answer response_context::expire(time_point now) noexcept {
  if (state_ == state::done || now < deadline_)
    return {};
  if (state_ == state::accepted) {
    state_ = state::done;
    return {};
  }
  if (state_ == state::cancelling || !is_invite_)
    return fail(client_failure_reason::timed_out);
  // 16.8, Timer C. A provisional response has come, or Timer B had ended this long ago; so it is cancelled, and then
  // answered: by the far side's 487 or, after 64*T1, by the transaction's time-out.
  state_ = state::cancelling;
  deadline_ = now + outcome_after(timers_);
  return {.cancel = true};
}

std::optional<time_point> response_context::next_deadline() const noexcept {
  if (state_ == state::done || deadline_ == time_point::max())
    return std::nullopt;
  return deadline_;
}

} // namespace sallyport::sip
