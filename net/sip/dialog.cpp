#include "net/sip/dialog.hpp"

#include <algorithm>

#include "net/core/overloaded.hpp"
#include "net/sip/headers.hpp"

namespace sallyport::sip {
namespace {

std::string_view to_tag_of(const message_view& response) {
  const auto read = parse_name_addr(response.value(header_id::to));
  return read ? read->tag : std::string_view{};
}

bool is_termination(const message_view& request) {
  if (request.method() == method::bye)
    return true;
  if (request.method() != method::notify)
    return false;
  const auto subscription = parse_token_params(request.value(header_id::subscription_state));
  return subscription && std::ranges::equal(subscription->token, std::string_view{"terminated"}, {},
                                            [](char c) { return static_cast<char>(c | 0x20); });
}

/// Seconds until the dialog lapses unless it is refreshed, where the message says so.
std::optional<std::uint32_t> refresh_interval(const message_view& message, method kind) {
  auto text = message.value(kind == method::subscribe ? header_id::expires : header_id::session_expires);
  if (kind == method::notify) {
    const auto subscription = parse_token_params(message.value(header_id::subscription_state));
    text = subscription ? param(subscription->params, "expires").value_or(std::string_view{}) : std::string_view{};
  }
  const auto interval = parse_delta_seconds(text);
  return interval ? std::optional{*interval} : std::nullopt;
}

} // namespace

dialog::dialog(session_facts facts) : facts_{std::move(facts)}, forks_{facts_.limits.forks_max} {}

session_answer dialog::handle(time_point now, session_event&& event, std::uint64_t random) {
  session_answer out;
  const overloaded visitor{
    [&](request_received& request) { receive_request(now, std::move(request), random, out); },
    [&](ack_received& ack) { receive_ack(ack, random, out); },
    [&](response_received& response) { receive_response(now, response, out); },
    [&](client_failed& failure) { receive_failure(failure, out); },
    [&](cancel_received& request) { cancel(request, out); },
    [&](deadline_passed&) { expire(now, out); },
  };
  std::visit(visitor, event);
  std::erase_if(passages_, [](const passage& each) { return each.request.is_done(); });
  // The opening request is over (64*T1 after its first 2xx): forks that only rang will not answer any more.
  if (std::ranges::none_of(passages_, [](const passage& each) { return each.fork.empty(); }))
    forks_.end_early();
  return out;
}

void dialog::receive_request(time_point now, request_received&& event, std::uint64_t random, session_answer& out) {
  const message_view& request = *event.request;
  const bool is_first = !is_started_;
  if (is_first)
    open(request, event.facts);
  const std::string from_tag{event.facts.from.tag.in(request)};
  const std::string to_tag{event.facts.to.tag.in(request)};
  // RFC 6665, 4.4.1: the NOTIFY may overtake the 2xx and then makes the dialog.
  if (kind_ == method::subscribe && request.method() == method::notify && forks_.is_caller(to_tag))
    forks_.learn(from_tag, fork_set::state::confirmed);

  const bool is_opening = is_first && to_tag.empty();
  std::string fork{is_opening ? std::string_view{} : forks_.match(from_tag, to_tag)};
  if (!is_opening && fork.empty())
    return refuse_request(facts_, event, 481, out);
  if (in_flight() >= facts_.limits.in_flight_max)
    return refuse_for_now(facts_, event, out);
  if (!is_opening)
    follow_timer(now, request, false);
  const bool ends_fork = !is_opening && is_termination(request);
  passages_.push_back(
    {forwarded_request{now, facts_, std::move(event), ++last_number_, random, out}, std::move(fork), ends_fork});
}

void dialog::open(const message_view& request, const request_facts& read) {
  is_started_ = true;
  kind_ = request.method();
  forks_.open(read.from.tag.in(request));
  // A request with a To tag: the dialog was confirmed while another session stood for it.
  if (read.is_in_dialog())
    forks_.learn(read.to.tag.in(request), fork_set::state::acknowledged);
}

void dialog::receive_ack(const ack_received& event, std::uint64_t random, session_answer& out) {
  const auto& [from, to] = std::tie(event.facts.from, event.facts.to);
  const auto fork = forks_.match(from.tag.in(*event.request), to.tag.in(*event.request));
  if (fork.empty())
    return; // Of no 2xx that we forwarded.
  forks_.acknowledge(fork);
  unacknowledged_until_.reset();
  forward_ack(facts_, event, ++last_number_, random, out);
}

void dialog::receive_response(time_point now, const response_received& event, session_answer& out) {
  auto* passed = find(event.number);
  if (passed == nullptr)
    return;
  const message_view& response = *event.response;
  if (passed->fork.empty() && !follow_opening(now, *passed, response))
    return;
  const auto status = passed->request.receive_response(now, event, out);
  if (status >= 200 && status < 300 && passed->request.kind() != method::bye)
    follow_timer(now, response, true);
  if (status >= 200)
    follow_final(*passed, response.status());
}

/// What a response to the opening request says about forks; false if it is of one too many and goes no further.
bool dialog::follow_opening(time_point now, const passage& opening, const message_view& response) {
  const auto tag = to_tag_of(response);
  const bool is_success = response.status() >= 200 && response.status() < 300;
  if (tag.empty() || response.status() >= 300)
    return true;
  const bool is_known = forks_.learn(tag, is_success ? fork_set::state::confirmed : fork_set::state::early);
  if (is_success && opening.request.kind() == method::invite && !forks_.has(fork_set::state::acknowledged))
    // 13.3.1.4: without an ACK the callee gives up after 64*T1 and says BYE, which gets as long again.
    unacknowledged_until_ = now + 2 * facts_.timers.lifetime();
  return is_known || is_success; // Every 2xx goes up, whatever becomes of it.
}

/// `status` is the final response as it came; a request that timed out has 408.
void dialog::follow_final(const passage& passed, unsigned status) {
  if (passed.fork.empty()) {
    if (status >= 300)
      forks_.end_early();
    return;
  }
  const bool is_challenged = status == 401 || status == 407;
  const bool is_gone = status == 481 || status == 408; // RFC 5057, 5.1: these end the dialog itself.
  if (is_gone || (passed.ends_fork && !is_challenged))
    forks_.end(passed.fork);
}

/// RFC 4028, 8.2; RFC 6665, 4.2.1: whoever refreshes says for how long.
void dialog::follow_timer(time_point now, const message_view& message, bool is_response) {
  const auto sequence = parse_cseq(message.value(header_id::cseq));
  const auto kind = sequence ? sequence->method : method::other;
  const bool is_refresh = kind == method::invite || kind == method::update || kind == method::subscribe;
  if ((is_refresh && is_response) || (kind == method::notify && !is_response)) {
    const auto interval = refresh_interval(message, kind);
    const auto lifetime = interval ? seconds{*interval} + facts_.limits.expiry_grace : facts_.limits.dialog_lifetime;
    lapses_at_ = now + std::min(lifetime, facts_.limits.dialog_lifetime);
  } else if (lapses_at_ == time_point::max()) {
    lapses_at_ = now + facts_.limits.dialog_lifetime;
  }
}

void dialog::receive_failure(const client_failed& event, session_answer& out) {
  auto* passed = find(event.number);
  if (passed == nullptr || passed->request.has_final())
    return;
  const bool is_timeout = event.reason == client_failure_reason::timed_out;
  passed->request.fail(event.reason, out);
  follow_final(*passed, is_timeout ? 408 : 500);
}

void dialog::cancel(const cancel_received& event, session_answer& out) {
  for (auto& each : passages_)
    if (each.request.server() == event.server)
      each.request.cancel(out);
}

void dialog::expire(time_point now, session_answer& out) {
  for (auto& each : passages_)
    each.request.expire(now, out);
  if (unacknowledged_until_ && now >= *unacknowledged_until_) {
    unacknowledged_until_.reset();
    forks_.end_all();
  }
  if (now >= lapses_at_)
    forks_.end_all();
}

dialog::passage* dialog::find(std::uint32_t number) noexcept {
  const auto found =
    std::ranges::find_if(passages_, [number](const passage& each) { return each.request.number() == number; });
  return found == passages_.end() ? nullptr : &*found;
}

std::size_t dialog::in_flight() const noexcept {
  return static_cast<std::size_t>(
    std::ranges::count_if(passages_, [](const passage& each) { return !each.request.has_final(); }));
}

bool dialog::is_confirmed() const noexcept {
  return forks_.has(fork_set::state::acknowledged) ||
         (kind_ == method::subscribe && forks_.has(fork_set::state::confirmed));
}

bool dialog::ended() const noexcept {
  if (!is_started_ || in_flight() > 0 || forks_.is_alive())
    return false;
  // A forked INVITE may still bring a 2xx from a fork that was not heard of; with one fork there is none to wait for.
  return forks_.size() <= 1 || passages_.empty();
}

std::optional<time_point> dialog::next_deadline() const noexcept {
  auto soonest = forks_.is_alive() ? lapses_at_ : time_point::max();
  if (forks_.is_alive() && unacknowledged_until_)
    soonest = std::min(soonest, *unacknowledged_until_);
  for (const auto& each : passages_)
    soonest = std::min(soonest, each.request.next_deadline().value_or(time_point::max()));
  return soonest == time_point::max() ? std::nullopt : std::optional{soonest};
}

} // namespace sallyport::sip
