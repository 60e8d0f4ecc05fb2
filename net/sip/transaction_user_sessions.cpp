#include <utility>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"
#include "net/sip/transaction_user.hpp"

namespace sallyport::sip {
namespace {

/// Only an INVITE or SUBSCRIBE without a To tag opens a dialog. One in a dialog whose session is gone becomes an
/// exchange: later requests carry the token of that session, and would not find another.
bool opens_dialog(const message_view& request, const request_facts& read) {
  const bool is_kind = request.method() == method::invite || request.method() == method::subscribe;
  return is_kind && !read.is_in_dialog();
}

} // namespace

// Sessions.

/// The session that a token names, if it may live; empty: none does.
session_id transaction_user::named_by(const route_token* token) noexcept {
  // In another life of this node the same name was another session's.
  if (token == nullptr || token->session.is_former(home_.node, settings_.facts.incarnation))
    return {};
  const auto& named = token->session.id;
  return sessions_.find(named) || is_known_elsewhere(named) ? named : session_id{};
}

bool transaction_user::is_known_elsewhere(const session_id& id) const noexcept {
  return id && id.node == home_.node && id.lane != home_.lane && id.lane < settings_.lanes;
}

/// Where that flow is; this lane for one that no lane of ours has, which then proves to be gone.
std::uint8_t transaction_user::lane_of(const flow_id& flow) const noexcept {
  return flow.node == home_.node && flow.lane < settings_.lanes ? flow.lane : home_.lane;
}

/// A request or an ACK finds its session: the one that its token names, or a new one.
void transaction_user::place(time_point now, session_wanted&& first, user_orders& out) {
  const auto* token = std::visit([](const auto& each) { return each.facts.routes.valid_token(); }, first.first);
  const auto named = named_by(token);
  if (!named)
    return take_in(now, std::move(first), out);
  std::visit([&](auto& each) { offer(now, named, std::move(each), out); }, first.first);
}

void transaction_user::offer(time_point now, const session_id& id, request_received&& request, user_orders& out) {
  layer_.assign(request.server, id);
  session_event event{std::move(request)};
  if (!deliver(id, std::move(event), out))
    overload(now, std::get<request_received>(event), out);
}

void transaction_user::offer(time_point, const session_id& id, ack_received&& ack, user_orders& out) {
  deliver(id, std::move(ack), out);
}

/// What has no session gets a new one, where its client is.
void transaction_user::take_in(time_point now, session_wanted&& wanted, user_orders& out) {
  const auto client_lane = [this](const auto& first) {
    const auto* outward = std::get_if<flow_id>(&first.to);
    return outward ? lane_of(*outward) : first.from.flow.lane;
  };
  const auto home = std::visit(client_lane, wanted.first);
  if (home == home_.lane)
    return take(now, wanted, out);
  tell(home, std::move(wanted), out);
}

void transaction_user::begin(time_point now, request_received&& first, user_orders& out) {
  if (const auto reason = share_taken(first.from, first.facts.user); !reason.empty())
    out.emplace_back(request_refused{first.from.source, 503, reason, first.facts.trace});
  const auto id =
    open(opens_dialog(*first.request, first.facts), first.from, first.facts, first.request->bytes().size(), out);
  if (!id)
    return overload(now, first, out);
  undo unneeded{[&] { batch{}.run([&] { end(id, out); }); }}; // It would wait for its first event for ever.
  fault::point("transaction_user::begin");
  sessions_.find(id)->opened_by = first.request->method();
  if (first.server.lane == home_.lane)
    layer_.assign(first.server, id);
  else
    tell(first.server.lane, session_assigned{first.server, id}, out);
  deliver(id, std::move(first), out); // A new session has all its credit.
  unneeded.keep();
}

void transaction_user::begin(time_point, ack_received&& first, user_orders& out) {
  const auto id = open(false, first.from, first.facts, 0, out);
  if (!id)
    return;
  undo unneeded{[&] { batch{}.run([&] { end(id, out); }); }};
  deliver(id, std::move(first), out);
  unneeded.keep();
}

/// One user is not to shut out the others of his lane, and a stranger not anybody. Empty: there is more to be had.
std::string_view transaction_user::share_taken(const arrival& from, std::uint64_t user) const {
  const auto strangers = settings_.sessions_per_unproved_flow_max;
  if (from.is_unproved && of_strangers_.count(from.flow, strangers) >= strangers)
    return "unproved_sessions_max";
  const auto held = held_by_.find(user);
  const auto has_share = held != held_by_.end() && (held->second.sessions >= settings_.sessions_per_user_max ||
                                                    held->second.request_bytes >= settings_.request_bytes_per_user_max);
  return has_share ? "user_sessions_max" : "";
}

/// Empty: there is no room.
session_id transaction_user::open(bool is_dialog, const arrival& from, const request_facts& first,
                                  std::size_t request_bytes, user_orders& out) {
  const auto sessions_max = from.is_unproved ? settings_.unproved_sessions_max : settings_.sessions_max;
  if (is_behind() || sessions_.size() >= sessions_max || !share_taken(from, first.user).empty())
    return {};
  deadlines_.make_room(sessions_.next_name().index);
  const auto id = sessions_.emplace(open_session{.trace = first.trace});
  undo unopened{[&] { forget(id); }};
  fault::point("transaction_user::open");
  if (first.user != 0) {
    auto& held = held_by_[first.user];
    ++held.sessions;
    held.request_bytes += request_bytes;
    sessions_[id.index].user = first.user;
    sessions_[id.index].request_bytes = request_bytes;
  }
  fault::point("transaction_user::open, held");
  if (from.is_unproved) {
    of_strangers_.add(id.index, from.flow);
    sessions_[id.index].is_strangers = true;
  }
  start_session begun{settings_.facts, is_dialog};
  begun.facts.self = id;
  out.emplace_back(std::move(begun));
  unopened.keep();
  ++(is_dialog ? counts_.dialogs_started : counts_.exchanges_started);
  return id;
}

void transaction_user::end(const session_id& id, user_orders& out) {
  forget(id);
  out.emplace_back(end_session{id});
}

void transaction_user::forget(const session_id& id) noexcept {
  const auto& ended = *sessions_.find(id);
  counts_.in_flight -= ended.in_flight; // Nobody will answer them any more.
  if (const auto held = held_by_.find(ended.user); held != held_by_.end()) {
    held->second.request_bytes -= ended.request_bytes;
    if (--held->second.sessions == 0)
      held_by_.erase(held);
  }
  if (ended.is_strangers)
    of_strangers_.remove(id.index);
  deadlines_.set(id.index, std::nullopt);
  sessions_.erase(id.index);
}

/// A stranger who is gone leaves nothing behind: what he asked for has nobody to be answered, and would wait for the
/// next hop for half a minute, with others of his each time he comes back. An INVITE is cancelled as for everybody.
void transaction_user::abandon(time_point now, flow_id flow, user_orders& out) {
  batch each;
  while (const auto at = of_strangers_.first(flow)) { // One that has ended, or is let go, is in no group any more.
    auto& left = sessions_[*at];
    if (left.opened_by == method::invite) {
      of_strangers_.remove(*at);
      left.is_strangers = false;
      continue;
    }
    const auto id = sessions_.name(*at);
    const auto sent = left.sent;
    each.run([&] { end(id, out); });
    // If there is one; nobody is left to hear of it.
    each.run([&] { layer_.client_failed(now, {id, sent}, client_failure_reason::transport, actions_); });
  }
  each.run([&] { drain(out); });
  each.finish();
}

void transaction_user::close(user_orders& out) {
  batch each;
  sessions_.for_each([&](std::uint32_t at, const open_session&) { each.run([&] { end(sessions_.name(at), out); }); });
  each.finish();
}

/// An event that is not delivered is left as it was.
bool transaction_user::deliver(const session_id& id, session_event&& event, user_orders& out) {
  auto* here = sessions_.find(id);
  if (here == nullptr && !is_known_elsewhere(id))
    return false;
  if (here == nullptr) {
    tell(id.lane, relayed_event{id, std::move(event)}, out);
    return true;
  }
  if ((here->in_flight >= settings_.events_per_session_max || is_behind()) && is_expendable(event)) {
    ++counts_.events_shed;
    return false;
  }
  fault::point("transaction_user::deliver");
  if (const auto answered = answered_request(event)) // Nothing is left to cancel.
    here->elsewhere.erase(*answered);
  out.emplace_back(tell_session{id, std::move(event)});
  ++here->in_flight;
  ++counts_.in_flight;
  return true;
}

void transaction_user::settle(time_point now, session_outcome&& outcome, user_orders& out) {
  const auto& id = outcome.session;
  auto* owner = sessions_.find(id);
  if (owner == nullptr)
    return;           // It died meanwhile, and was answered for.
  --owner->in_flight; // First: the credit comes back whatever becomes of the answer.
  --counts_.in_flight;
  deadlines_.set(id.index, outcome.has_ended ? std::nullopt : outcome.next_deadline);
  try {
    for (auto& asked : outcome.answer.orders)
      carry_out(now, id, std::move(asked), out);
    fault::point("transaction_user::settle");
    if (outcome.has_ended && owner->in_flight == 0) // Else what is on its way is answered first, and may revive it.
      end(id, out);
  } catch (...) { // It believes that what it ordered was done.
    lose(now, id, out);
    throw;
  }
}

/// Its deadline has passed, and is told once.
void transaction_user::wake(time_point now, const session_id& id, user_orders& out) {
  try {
    deliver(id, deadline_passed{}, out);
  } catch (...) {
    lose(now, id, out);
    throw;
  }
}

void transaction_user::lose(time_point now, session_id session, user_orders& out) {
  const auto* lost = sessions_.find(session);
  if (lost == nullptr)
    return; // It ended in order.
  ++counts_.sessions_lost;
  const auto trace = lost->trace;
  batch each;
  each.run([&] { end(session, out); });
  each.run([&] { out.emplace_back(session_lost{trace}); });
  for (std::uint8_t lane = 0; lane < settings_.lanes; ++lane) // Its requests came in and left by any lane's flow.
    if (lane != home_.lane)
      each.run([&] { tell(lane, session_gone{session}, out); });
  each.run([&] { layer_.session_lost(now, session, actions_); });
  each.run([&] { drain(out); });
  each.finish();
}

} // namespace sallyport::sip
