#include "net/sip/exchange.hpp"

#include "net/core/overloaded.hpp"
#include "net/sip/address_of_record.hpp"

namespace sallyport::sip {
namespace {

/// Who registers, if this is a registration from outside that carries credentials.
std::string claimed_identity(const request_received& event) {
  const message_view& request = *event.request;
  const bool has_credentials =
    request.find(header_id::authorization) != nullptr || request.find(header_id::proxy_authorization) != nullptr;
  if (request.method() != method::register_ || event.from.from != side::outside || !has_credentials)
    return {};
  return address_of_record(request.value(header_id::to)).value_or(std::string{});
}

} // namespace

session_answer exchange::handle(time_point now, session_event&& event, std::uint64_t random) {
  session_answer out;
  const overloaded visitor{
    [&](request_received& request) { begin(now, std::move(request), random, out); },
    [&](ack_received& ack) {
      is_started_ = true;
      forward_ack(facts_, ack, 0, random, out);
    },
    [&](response_received& response) { receive_response(now, response, out); },
    [&](client_failed& failure) {
      if (forwarded_ && forwarded_->number() == failure.number)
        forwarded_->fail(failure.reason, out);
    },
    [&](cancel_received& cancel) {
      if (forwarded_ && forwarded_->server() == cancel.server)
        forwarded_->cancel(out);
    },
    [&](deadline_passed&) {
      if (forwarded_)
        forwarded_->expire(now, out);
    },
  };
  std::visit(visitor, event);
  return out;
}

void exchange::begin(time_point now, request_received&& event, std::uint64_t random, session_answer& out) {
  if (is_started_) // Its lane gives every request an exchange of its own.
    return refuse_request(facts_, event, 500, out);
  is_started_ = true;
  claimed_identity_ = claimed_identity(event);
  forwarded_.emplace(now, facts_, std::move(event), 1, random, out);
}

void exchange::receive_response(time_point now, const response_received& event, session_answer& out) {
  if (!forwarded_ || forwarded_->number() != event.number)
    return;
  const auto status = forwarded_->receive_response(now, event, out);
  if (status >= 200 && status < 300 && !claimed_identity_.empty() && event.from.from == side::inside)
    out.orders.push_back(prove_flow{forwarded_->from().flow, std::move(claimed_identity_)});
}

std::optional<time_point> exchange::next_deadline() const noexcept {
  return forwarded_ ? forwarded_->next_deadline() : std::nullopt;
}

} // namespace sallyport::sip
