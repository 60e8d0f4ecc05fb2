#include "net/sip/server_table.hpp"

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {
namespace {

send response_to(const arrival& from, shared_bytes bytes) {
  return {.to = from.flow, .source = from.source, .by = {}, .bytes = std::move(bytes)};
}

} // namespace

server_table::server_table(lane_ref home, const timer_values& timers, siphash hash, transaction_counts& counts)
  : timers_{timers}, hash_{hash}, counts_{counts}, entries_{home}, by_key_{16, hash} {}

std::optional<server_table::slot> server_table::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<server_table::slot> server_table::find(transaction_id transaction) {
  return entries_.find(transaction) ? std::optional{transaction.index} : std::nullopt;
}

server_table::slot server_table::add(time_point now, std::string_view key, const arrival& from, bool is_invite,
                                     std::string provisional) {
  const bool is_safe = is_reliable(from.over);
  const machine state = is_invite ? machine{server_invite_transaction{now, is_safe, timers_}}
                                  : machine{server_non_invite_transaction{now, is_safe, timers_}};
  auto last = std::make_shared<const std::string>(std::move(provisional));
  const auto at = entries_.next_name().index;
  deadlines_.make_room(at);
  const auto keyed = by_key_.emplace(key, at).first;
  undo unkeyed{[&] { by_key_.erase(keyed); }};
  by_flow_.add(at, from.flow);
  undo ungrouped{[&] { by_flow_.remove(at); }};
  fault::point("server_table::add");
  auto& added = entries_[entries_.emplace(entry{.state = state, .from = from, .session = {}}).index];
  unkeyed.keep();
  ungrouped.keep();
  added.key = &keyed->first;
  keep(added, std::move(last));
  schedule(at);
  return at;
}

bool server_table::awaits_final(slot at) noexcept {
  if (const auto* invite = std::get_if<server_invite_transaction>(&entries_[at].state))
    return invite->current() == server_invite_transaction::state::proceeding;
  const auto current = std::get<server_non_invite_transaction>(entries_[at].state).current();
  return current == server_non_invite_transaction::state::trying ||
         current == server_non_invite_transaction::state::proceeding;
}

void server_table::receive_request(slot at, actions& out) {
  carry_out(at, std::visit([](auto& state) { return state.receive_request(); }, entries_[at].state), {}, out);
}

bool server_table::receive_ack(time_point now, slot at, actions& out) {
  auto* invite = std::get_if<server_invite_transaction>(&entries_[at].state);
  const auto asked = invite ? invite->receive_ack(now) : transaction_actions{};
  carry_out(at, asked, {}, out);
  return asked.deliver;
}

void server_table::respond(time_point now, slot at, unsigned status, std::string bytes, actions& out) {
  auto response = std::make_shared<const std::string>(std::move(bytes));
  auto& held = entries_[at];
  const auto asked = std::visit([&](auto& state) { return state.respond(now, status); }, held.state);
  if (!asked.send_response) {
    ++counts_.responses_late;
    return;
  }
  batch each;
  each.run([&] {
    fault::point("server_table::respond");
    out.emplace_back(response_to(held.from, response));
  });
  // A 2xx of an INVITE is sent again by its own sender, not by us (RFC 3261, 13.3.1.4).
  const bool is_invite = std::holds_alternative<server_invite_transaction>(held.state);
  keep(held, is_invite && status >= 200 && status < 300 ? nullptr : std::move(response));
  each.run([&] { carry_out(at, asked, {}, out); });
  each.finish();
}

void server_table::send_last(slot at, actions& out) {
  fault::point("server_table::send_last");
  if (entries_[at].last_response)
    out.emplace_back(response_to(entries_[at].from, entries_[at].last_response));
}

void server_table::flow_failed(flow_id flow, actions& out) {
  batch each;
  while (const auto at = by_flow_.first(flow)) { // One that has failed is in no group any more.
    const bool is_waiting = awaits_final(*at);
    auto asked = std::visit([](auto& state) { return state.fail(); }, entries_[*at].state);
    asked.timed_out = is_waiting;
    each.run([&] { carry_out(*at, asked, server_end_reason::transport, out); });
  }
  each.finish();
}

void server_table::session_lost(time_point now, session_id session, actions& out) {
  batch each;
  entries_.for_each([&](slot at, const entry& held) {
    if (held.session == session)
      each.run([&] { give_up(now, at, out); });
  });
  each.finish();
}

void server_table::give_up(time_point now, slot at, actions& out) {
  if (!awaits_final(at))
    return;
  const auto& held = entries_[at];
  message_view last;
  // Any response of ours holds what another one needs (RFC 3261, 8.2.6.2).
  if (!held.last_response || last.parse(*held.last_response))
    return carry_out(at, std::visit([](auto& state) { return state.fail(); }, entries_[at].state), {}, out);
  fault::point("server_table::give_up");
  respond(now, at, 500, write_response(last, 500, "", std::to_string(hash_(*held.key))), out);
}

void server_table::expire(time_point now, actions& out) {
  batch each;
  for (std::size_t i = 0; i < expired_at_once_max; ++i) {
    const auto due = deadlines_.pop_due(now);
    if (!due)
      break;
    auto& held = entries_[*due];
    const bool is_invite = std::holds_alternative<server_invite_transaction>(held.state);
    const auto asked = std::visit([now](auto& state) { return state.expire(now); }, held.state);
    schedule(*due);
    if (asked.forgotten) {
      ++counts_.invites_forgotten;
      each.run([&] { out.emplace_back(server_ended{id(*due), held.session, server_end_reason::forgotten}); });
      each.run([&] { give_up(now, *due, out); });
    } else {
      const auto reason = is_invite ? server_end_reason::unacknowledged : server_end_reason::unanswered;
      each.run([&] { carry_out(*due, asked, reason, out); });
    }
  }
  each.finish();
}

/// Whatever cannot be sent or told: the transaction ends, or has its next deadline.
void server_table::carry_out(slot at, const transaction_actions& asked, server_end_reason reason, actions& out) {
  auto& held = entries_[at];
  batch each;
  if (asked.resend_response || asked.send_trying) {
    each.run([&] { send_last(at, out); });
    counts_.retransmissions_sent += asked.resend_response ? 1 : 0;
  }
  if (asked.timed_out)
    each.run([&] {
      fault::point("server_table::carry_out");
      out.emplace_back(server_ended{id(at), held.session, reason});
    });
  if (asked.terminated)
    erase(at);
  else
    schedule(at);
  each.finish();
}

void server_table::schedule(slot at) noexcept {
  deadlines_.set(at, std::visit([](const auto& state) { return state.next_deadline(); }, entries_[at].state));
}

void server_table::keep(entry& held, shared_bytes bytes) noexcept {
  kept_bytes_ -= held.last_response ? held.last_response->size() : 0;
  held.last_response = std::move(bytes);
  kept_bytes_ += held.last_response ? held.last_response->size() : 0;
}

void server_table::erase(slot at) noexcept {
  auto& held = entries_[at];
  keep(held, nullptr);
  deadlines_.set(at, std::nullopt);
  by_flow_.remove(at);
  by_key_.erase(by_key_.find(*held.key));
  entries_.erase(at);
}

} // namespace sallyport::sip
