#include "net/sip/client_table.hpp"

#include <stdexcept>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {
namespace {

std::string key_of(std::string_view branch, method kind) {
  std::string key{branch};
  key += static_cast<char>('A' + static_cast<int>(kind));
  return key;
}

bool awaits_final(client_invite_transaction::state state) noexcept {
  return state == client_invite_transaction::state::calling || state == client_invite_transaction::state::proceeding;
}

} // namespace

client_table::client_table(const timer_values& timers, siphash hash, transaction_counts& counts)
  : timers_{timers}, counts_{counts}, by_key_{16, hash} {}

std::optional<client_table::slot> client_table::find(std::string_view branch, method kind) const {
  const auto found = by_key_.find(key_of(branch, kind));
  return found == by_key_.end() ? std::nullopt : std::optional{found->second};
}

std::optional<client_table::slot> client_table::find(const client_key& client) const {
  const auto found = by_client_.find(client);
  return found == by_client_.end() ? std::nullopt : std::optional{found->second};
}

void client_table::add(time_point now, client_request request, actions& out) {
  const auto named = by_client_.emplace(request.client, slot{0}).first;
  undo unnamed{[&] { by_client_.erase(named); }};
  named->second = insert(now, std::move(request), false, out);
  unnamed.keep();
}

client_table::slot client_table::insert(time_point now, client_request request, bool is_cancel, actions& out) {
  const bool is_safe = is_reliable(request.over);
  const machine state = request.kind == method::invite ? machine{client_invite_transaction{now, is_safe, timers_}}
                                                       : machine{client_non_invite_transaction{now, is_safe, timers_}};
  auto sent = std::make_shared<const std::string>(std::move(request.bytes));
  const auto at = entries_.next_name().index;
  deadlines_.make_room(at);
  const auto [keyed, is_first] = by_key_.emplace(key_of(request.branch, request.kind), at);
  if (!is_first)
    throw std::logic_error{"two requests with one branch"};
  undo unkeyed{[&, held = keyed] { by_key_.erase(held); }};
  by_destination_.add(at, request.to);
  undo ungrouped{[&] { by_destination_.remove(at); }};
  entries_.emplace(entry{.state = state,
                         .client = request.client,
                         .to = request.to,
                         .over = request.over,
                         .is_cancel = is_cancel,
                         .is_in_dialog = request.is_in_dialog});
  undo unplaced{[&] { entries_.erase(at); }};
  auto& added = entries_[at];
  added.key = &keyed->first;
  added.sent = std::move(sent);
  fault::point("client_table::insert");
  send_sent(added, out);
  unkeyed.keep();
  ungrouped.keep();
  unplaced.keep();
  kept_bytes_ += added.sent->size();
  deadlines_.set(at, std::visit([](const auto& held) { return held.next_deadline(); }, added.state));
  return at;
}

bool client_table::receive_response(time_point now, slot at, const message_view& response, actions& out) {
  const bool is_cancel = entries_[at].is_cancel;
  const auto status = response.status();
  auto asked = std::visit([&](auto& state) { return state.receive_response(now, status); }, entries_[at].state);
  batch each;
  if (asked.send_ack)
    each.run([&] { send_ack(at, asked.deliver ? &response : nullptr, out); });
  else if (asked.deliver && status >= 200)
    keep(entries_[at], nullptr); // Neither retransmission nor CANCEL nor ACK will need it.
  asked.send_ack = false;
  each.run([&] { carry_out(now, at, asked, {}, out); });
  each.finish();
  return asked.deliver && !is_cancel && status != 100; // 16.7 step 5: a 100 goes no further.
}

void client_table::cancel(time_point now, slot at, actions& out) {
  if (auto* invite = std::get_if<client_invite_transaction>(&entries_[at].state))
    carry_out(now, at, invite->cancel(now), {}, out);
}

void client_table::fail(slot at, client_failure_reason reason, actions& out) {
  const auto asked = std::visit([](auto& state) { return state.fail(); }, entries_[at].state);
  carry_out({}, at, asked, reason, out);
}

void client_table::fail_all(const destination& to, actions& out) {
  batch each;
  while (const auto at = by_destination_.first(to)) // One that has failed is in no group any more.
    each.run([&] { fail(*at, client_failure_reason::transport, out); });
  each.finish();
}

void client_table::session_lost(time_point now, session_id session, actions& out) {
  batch each;
  entries_.for_each([&](slot at, const entry& held) {
    const auto* invite = std::get_if<client_invite_transaction>(&held.state);
    if (held.client.session == session && invite && awaits_final(invite->current()))
      each.run([&] { cancel(now, at, out); });
  });
  each.finish();
}

void client_table::expire(time_point now, actions& out) {
  batch each;
  for (std::size_t i = 0; i < expired_at_once_max; ++i) {
    const auto due = deadlines_.pop_due(now);
    if (!due)
      break;
    const auto asked = std::visit([now](auto& state) { return state.expire(now); }, entries_[*due].state);
    counts_.clients_timed_out += asked.timed_out ? 1 : 0;
    each.run([&] { carry_out(now, *due, asked, client_failure_reason::timed_out, out); });
  }
  each.finish();
}

void client_table::send_sent(const entry& held, actions& out) const {
  out.emplace_back(send{.to = held.to,
                        .source = {},
                        .by = held.is_cancel ? client_key{} : held.client,
                        .bytes = held.sent,
                        .is_new = !held.is_cancel && !held.is_in_dialog});
}

/// `response` is the first refusal, whose To the ACK takes; none when the ACK is sent again.
void client_table::send_ack(slot at, const message_view* response, actions& out) {
  fault::point("client_table::send_ack");
  auto& held = entries_[at];
  if (response != nullptr) {
    if (reread_.parse(*held.sent))
      return keep(held, nullptr); // Cannot be: a request that we wrote does parse.
    keep(held, std::make_shared<const std::string>(write_ack(reread_, *response)));
  }
  if (held.sent)
    out.emplace_back(send{.to = held.to, .source = {}, .by = {}, .bytes = held.sent});
}

void client_table::send_cancel(time_point now, slot at, actions& out) {
  const auto& invite = entries_[at];
  if (!invite.sent || reread_.parse(*invite.sent))
    return;
  client_request cancel{.client = invite.client,
                        .to = invite.to,
                        .over = invite.over,
                        .branch = invite.key->substr(0, invite.key->size() - 1),
                        .kind = method::cancel,
                        .bytes = write_cancel(reread_)};
  insert(now, std::move(cancel), true, out);
}

/// Whatever cannot be sent or told: the transaction ends, or has its next deadline.
void client_table::carry_out(time_point now, slot at, const transaction_actions& asked, client_failure_reason reason,
                             actions& out) {
  batch each;
  if (asked.send_request) {
    each.run([&] { send_sent(entries_[at], out); });
    ++counts_.retransmissions_sent;
  }
  if (asked.send_cancel)
    each.run([&] { send_cancel(now, at, out); });
  if (asked.timed_out && !entries_[at].is_cancel)
    each.run([&] {
      fault::point("client_table::carry_out");
      out.emplace_back(client_failure{entries_[at].client, reason});
    });
  if (asked.terminated)
    erase(at);
  else
    deadlines_.set(at, std::visit([](const auto& state) { return state.next_deadline(); }, entries_[at].state));
  each.finish();
}

void client_table::keep(entry& held, shared_bytes bytes) noexcept {
  kept_bytes_ -= held.sent ? held.sent->size() : 0;
  held.sent = std::move(bytes);
  kept_bytes_ += held.sent ? held.sent->size() : 0;
}

void client_table::erase(slot at) noexcept {
  auto& held = entries_[at];
  keep(held, nullptr);
  deadlines_.set(at, std::nullopt);
  by_destination_.remove(at);
  if (!held.is_cancel)
    by_client_.erase(held.client);
  by_key_.erase(by_key_.find(*held.key));
  entries_.erase(at);
}

} // namespace sallyport::sip
