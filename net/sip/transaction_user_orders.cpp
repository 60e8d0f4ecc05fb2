#include <string>
#include <utility>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/overloaded.hpp"
#include "net/sip/local_response.hpp"
#include "net/sip/retry_after.hpp"
#include "net/sip/transaction_user.hpp"

namespace sallyport::sip {
namespace {

/// Of the request that goes on in this order; 0: it is no request's.
trace_id trace_of(const lane_order& said) {
  if (const auto* wanted = std::get_if<session_wanted>(&said))
    return std::visit([](const auto& first) { return first.facts.trace; }, wanted->first);
  const auto* relayed = std::get_if<relayed_event>(&said);
  const auto* request = relayed ? std::get_if<request_received>(&relayed->event) : nullptr;
  return request ? request->facts.trace : trace_id{0};
}

} // namespace

// From other lanes.

void transaction_user::receive(time_point now, lane_order&& said, user_orders& out) {
  std::visit([&](auto& told) { take(now, told, out); }, said);
}

void transaction_user::take(time_point now, session_gone& gone, user_orders& out) {
  batch each;
  each.run([&] { layer_.session_lost(now, gone.session, actions_); });
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::take(time_point now, relayed_event& relayed, user_orders& out) {
  const bool is_gone = sessions_.find(relayed.session) == nullptr;
  if (auto* request = std::get_if<request_received>(&relayed.event); request && is_gone)
    return take_in(now, session_wanted{std::move(*request)}, out); // Its token has to do.
  if (auto* ack = std::get_if<ack_received>(&relayed.event); ack && is_gone)
    return take_in(now, session_wanted{std::move(*ack)}, out);
  if (!deliver(relayed.session, std::move(relayed.event), out))
    if (const auto* request = std::get_if<request_received>(&relayed.event))
      overload(now, *request, out);
}

void transaction_user::take(time_point now, session_wanted& wanted, user_orders& out) {
  std::visit([&](auto& first) { begin(now, std::move(first), out); }, wanted.first);
}

void transaction_user::take(time_point, session_assigned& assigned, user_orders& out) {
  // Whoever sent it is gone, or has cancelled it, before it had a session to tell of that.
  if (!layer_.assign(assigned.server, assigned.session))
    deliver(assigned.session, cancel_received{assigned.server}, out);
}

void transaction_user::take(time_point now, relayed_order& relayed, user_orders& out) {
  carry_out_here(now, relayed.session, std::move(relayed.order), out);
}

void transaction_user::take(time_point now, relayed_response& relayed, user_orders& out) {
  receive_response(now, relayed.from, *relayed.response, out);
}

void transaction_user::tell(std::uint8_t lane, lane_order&& said, user_orders& out) {
  fault::point("transaction_user::tell");
  out.emplace_back(tell_lane{lane, std::move(said)});
  ++counts_.relayed;
}

void transaction_user::not_told(time_point now, lane_order&& said, user_orders& out) {
  --counts_.relayed;
  out.emplace_back(message_dropped{"inbox_full", trace_of(said)});
  const overloaded visitor{
    [&](const relayed_event& relayed) {
      if (const auto* request = std::get_if<request_received>(&relayed.event))
        overload(now, *request, out);
    },
    [&](const session_wanted& wanted) {
      if (const auto* request = std::get_if<request_received>(&wanted.first))
        overload(now, *request, out);
    },
    [&](const relayed_order& relayed) {
      if (const auto* request = std::get_if<send_request>(&relayed.order))
        deliver(relayed.session, client_failed{request->number, client_failure_reason::overload}, out);
    },
    [](const auto&) {},
  };
  std::visit(visitor, said);
}

// What sessions order.

std::uint8_t transaction_user::lane_for(const open_session& owner, const order& asked) const {
  const auto lane_to = [this](const destination& to) {
    const auto* flow = std::get_if<flow_id>(&to);
    return flow ? lane_of(*flow) : home_.lane; // Every lane has connections of its own to the inside.
  };
  const overloaded visitor{
    [&](const send_request& request) { return lane_to(request.to); },
    [&](const send_stateless& request) { return lane_to(request.to); },
    [](const send_response& response) { return response.server.lane; },
    [](const prove_flow& proof) { return proof.flow.lane; },
    [&](const cancel_request& cancel) {
      const auto sent = owner.elsewhere.find(cancel.number);
      return sent == owner.elsewhere.end() ? home_.lane : sent->second;
    },
  };
  return std::visit(visitor, asked);
}

void transaction_user::carry_out(time_point now, const session_id& id, order&& asked, user_orders& out) {
  auto& owner = *sessions_.find(id);
  if (const auto* request = std::get_if<send_request>(&asked))
    owner.sent = request->number;
  const auto lane = lane_for(owner, asked);
  if (lane == home_.lane)
    return carry_out_here(now, id, std::move(asked), out);
  if (const auto* request = std::get_if<send_request>(&asked); request && request->kind == method::invite)
    owner.elsewhere.emplace(request->number, lane);
  tell(lane, relayed_order{id, std::move(asked)}, out);
}

void transaction_user::carry_out_here(time_point now, const session_id& id, order&& asked, user_orders& out) {
  fault::point("transaction_user::carry_out_here");
  const overloaded visitor{
    [&](send_request& request) {
      layer_.request(now,
                     {.client = {id, request.number},
                      .to = request.to,
                      .over = settings_.facts.identity->of(request.toward).over,
                      .branch = std::move(request.branch),
                      .kind = request.kind,
                      .bytes = std::move(request.bytes),
                      .is_in_dialog = request.is_in_dialog},
                     actions_);
    },
    [&](send_stateless& request) {
      out.emplace_back(send{.to = request.to,
                            .source = {},
                            .by = {},
                            .bytes = std::make_shared<const std::string>(std::move(request.bytes))});
    },
    [&](send_response& response) {
      layer_.respond(now, response.server, response.status, std::move(response.bytes), actions_);
    },
    [&](const cancel_request& cancel) {
      layer_.cancel(now, {id, cancel.number}, actions_);
    },
    [&](prove_flow& proof) { out.emplace_back(std::move(proof)); },
  };
  batch each;
  each.run([&] { std::visit(visitor, asked); });
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::overload(time_point now, const request_received& request, user_orders& out) {
  ++counts_.requests_shed;
  const auto wait = spread_wait(settings_.retry_after, settings_.table_hash(attempt_of(*request.request)));
  const header_text retry{"Retry-After", wait};
  sip::order answer = send_response{
    request.server, 503, write_local_response(*request.request, request.from, 503, {}, "shed", std::span{&retry, 1})};
  if (request.server.lane == home_.lane)
    return carry_out_here(now, {}, std::move(answer), out);
  tell(request.server.lane, relayed_order{{}, std::move(answer)}, out);
}

} // namespace sallyport::sip
