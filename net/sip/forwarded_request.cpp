#include "net/sip/forwarded_request.hpp"

#include "net/core/base64url.hpp"
#include "net/core/big_endian.hpp"
#include "net/sip/branch.hpp"
#include "net/sip/forward.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/local_response.hpp"
#include "net/sip/loop.hpp"
#include "net/sip/registration.hpp"
#include "net/sip/retry_after.hpp"

namespace sallyport::sip {
namespace {

/// The To tag of answers made here. It depends on the request alone, so it is the same in all of them.
std::string tag_for(const message_view& request, const keyed_hash& key) {
  const auto digest = key.digest({"to tag", request.value(header_id::via), request.value(header_id::from),
                                  request.value(header_id::call_id), request.value(header_id::cseq)});
  return base64url(std::span{digest}.first<9>());
}

std::string write_answer(const message_view& request, const arrival& from, const keyed_hash& key, unsigned status,
                         std::span<const header_text> extra) {
  return write_local_response(request, from, status, "", tag_for(request, key), extra);
}

/// The branch under which a request of this session goes on.
std::string branch_for(const session_facts& facts, const message_view& request, const request_facts& read,
                       std::uint32_t number, std::uint64_t random) {
  const auto loop = hash_for_loops(request, read.from.tag.in(request), read.to.tag.in(request), *facts.loop_key);
  return write_branch(facts.self, number, random, loop);
}

/// The dialog, and its outside party: who calls from there, or whom the Path in the Route of a call from inside names.
route_token dialog_token(const session_facts& facts, const request_received& event) {
  const auto* called = event.from.from == side::inside ? event.facts.routes.valid_token() : nullptr;
  return {.type = route_token::kind::dialog,
          .flow = called ? called->flow : flow_key{event.from.flow, facts.incarnation},
          .binding = called ? called->binding : event.from.binding,
          .session = {facts.self, facts.incarnation}};
}

std::string write_forwarded(const session_facts& facts, const request_received& event, std::string_view branch) {
  const message_view& request = *event.request;
  const auto call_id = request.value(header_id::call_id);
  std::string path;
  std::string record;
  if (is_registration(request, event.from.from))
    path = path_of(facts, event);
  if (is_dialog_forming(request.method()) && !event.facts.is_in_dialog())
    record = facts.tokens->sign(dialog_token(facts, event), call_id);
  const forward_plan plan{.toward = side_of(event.to), .branch = branch, .record_token = record, .path_token = path};
  return forward_request(request, *facts.identity, event.from, event.facts.routes, plan);
}

} // namespace

forwarded_request::forwarded_request(time_point now, const session_facts& facts, request_received&& event,
                                     std::uint32_t number, std::uint64_t random, session_answer& out)
  : from_{event.from}, server_{event.server}, number_{number},
    goes_to_client_{std::holds_alternative<flow_id>(event.to)}, kind_{event.request->method()},
    tag_key_{facts.loop_key}, retry_after_{facts.limits.retry_after}, context_{now, kind_ == method::invite,
                                                                               facts.timers} {
  auto branch = branch_for(facts, *event.request, event.facts, number, random);
  auto bytes = write_forwarded(facts, event, branch);
  out.orders.emplace_back(send_request{.number = number,
                                       .to = event.to,
                                       .toward = side_of(event.to),
                                       .branch = std::move(branch),
                                       .kind = kind_,
                                       .bytes = std::move(bytes),
                                       .is_in_dialog = event.facts.is_in_dialog()});
  request_ = std::move(event.request);
}

unsigned forwarded_request::receive_response(time_point now, const response_received& event, session_answer& out) {
  return carry_out(context_.receive_response(now, event.response->status()), &event, out);
}

unsigned forwarded_request::fail(client_failure_reason reason, session_answer& out) {
  auto answer = context_.fail(reason);
  // RFC 5626, 5.3.1: a client's flow that is gone is told apart from a server that is down.
  if (goes_to_client_ && reason == client_failure_reason::transport && answer.status != 0)
    answer.status = 430;
  return carry_out(answer, nullptr, out);
}

void forwarded_request::expire(time_point now, session_answer& out) {
  carry_out(context_.expire(now), nullptr, out);
}

void forwarded_request::cancel(session_answer& out) {
  carry_out(context_.cancel(), nullptr, out);
}

unsigned forwarded_request::carry_out(const context_answer& answer, const response_received* event,
                                      session_answer& out) {
  unsigned status = answer.status;
  if (answer.cancel)
    out.orders.emplace_back(cancel_request{number_});
  if (answer.status != 0) {
    const auto digest = tag_key_->digest({"retry after", attempt_of(*request_)});
    const auto wait = spread_wait(retry_after_, big_endian_at<std::uint64_t>(digest.data()));
    const header_text extra[] = {{to_string(header_id::retry_after), wait}};
    const auto headers = answer.status == 503 ? std::span{extra} : std::span<const header_text>{};
    out.orders.emplace_back(
      send_response{server_, answer.status, write_answer(*request_, from_, *tag_key_, answer.status, headers)});
  }
  if (answer.forward && event != nullptr) {
    auto forwarded = forward_response(*event->response, event->from.from);
    status = forwarded.status;
    out.orders.emplace_back(send_response{server_, forwarded.status, std::move(forwarded.bytes)});
  }
  if (has_final())
    request_ = message{};
  return status;
}

void refuse_request(const session_facts& facts, const request_received& event, unsigned status, session_answer& out,
                    std::span<const header_text> extra) {
  out.orders.emplace_back(
    send_response{event.server, status, write_answer(*event.request, event.from, *facts.loop_key, status, extra)});
}

void refuse_for_now(const session_facts& facts, const request_received& event, session_answer& out) {
  const auto wait = std::to_string(facts.limits.retry_after.count());
  const header_text extra[] = {{to_string(header_id::retry_after), wait}};
  refuse_request(facts, event, 500, out, extra);
}

void forward_ack(const session_facts& facts, const ack_received& event, std::uint32_t number, std::uint64_t random,
                 session_answer& out) {
  const auto branch = branch_for(facts, *event.request, event.facts, number, random);
  const forward_plan plan{.toward = side_of(event.to), .branch = branch, .record_token = {}, .path_token = {}};
  out.orders.emplace_back(send_stateless{
    event.to, plan.toward, forward_request(*event.request, *facts.identity, event.from, event.facts.routes, plan)});
}

} // namespace sallyport::sip
