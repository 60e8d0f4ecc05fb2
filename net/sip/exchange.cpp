#include "net/sip/exchange.hpp"

#include <algorithm>

#include "net/core/overloaded.hpp"
#include "net/sip/registration.hpp"

namespace sallyport::sip {

session_answer exchange::handle(time_point now, session_event&& event, std::uint64_t random) {
  session_answer out;
  is_started_ = true;
  const overloaded visitor{
    [&](request_received& request) { receive_request(now, std::move(request), random, out); },
    [&](ack_received& ack) { forward_ack(facts_, ack, ++last_number_, random, out); },
    [&](response_received& response) { receive_response(now, response, out); },
    [&](client_failed& failure) {
      if (auto* failed = find(failure.number))
        failed->request.fail(failure.reason, out);
    },
    [&](cancel_received& cancel) {
      for (auto& each : passages_)
        if (each.request.server() == cancel.server)
          each.request.cancel(out);
    },
    [&](deadline_passed&) {
      for (auto& each : passages_)
        each.request.expire(now, out);
    },
  };
  std::visit(visitor, event);
  std::erase_if(passages_, [](const passage& each) { return each.request.is_done(); });
  return out;
}

void exchange::receive_request(time_point now, request_received&& event, std::uint64_t random, session_answer& out) {
  if (passages_.size() >= facts_.limits.in_flight_max)
    return refuse_for_now(facts_, event, out);
  auto claim = claim_of(facts_, event);
  passages_.push_back(
    {forwarded_request{now, facts_, std::move(event), ++last_number_, random, out}, std::move(claim)});
}

void exchange::receive_response(time_point now, const response_received& event, session_answer& out) {
  auto* answered = find(event.number);
  if (answered == nullptr)
    return;
  const auto status = answered->request.receive_response(now, event, out);
  if (status < 200 || status >= 300 || !answered->claim || event.from.from != side::inside)
    return;
  if (auto proof = answered->claim->granted_by(*event.response))
    out.orders.emplace_back(std::move(*proof));
}

exchange::passage* exchange::find(std::uint32_t number) noexcept {
  const auto found =
    std::ranges::find_if(passages_, [number](const passage& each) { return each.request.number() == number; });
  return found == passages_.end() ? nullptr : &*found;
}

std::optional<time_point> exchange::next_deadline() const noexcept {
  std::optional<time_point> soonest;
  for (const auto& each : passages_)
    if (const auto next = each.request.next_deadline(); next && (!soonest || *next < *soonest))
      soonest = next;
  return soonest;
}

} // namespace sallyport::sip
