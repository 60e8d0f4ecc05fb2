#include <algorithm>

#include "net/core/fault.hpp"
#include "net/core/overloaded.hpp"
#include "net/stun/error_code.hpp"
#include "net/turn/server.hpp"

namespace sallyport::turn {

server::settled server::settle(const allocation_id& id, const allocation_answer& answer, time_point now,
                               std::span<std::byte> room) {
  if (!table_.find(id))
    return {};
  fault::point("turn::server::settle");
  for (const auto& change : answer.effects) // Before the reply: what follows it finds them there.
    apply(id.index, change, answer);
  settled out{.out = reply_to(id.index, answer, room), .has_ended = answer.has_ended};
  if (out.has_ended)
    close(id.index, now);
  return out;
}

void server::apply(std::uint32_t row, const effect& change, const allocation_answer& answer) {
  std::visit(overloaded{[&](const relay_opened&) {
                          table_[row].is_open = true;
                          table_[row].lifetime = answer.lifetime;
                        },
                        [&](const permission_opened& each) {
                          table_.permit(row, each.peer, {peers_->judge(each.peer), filters_});
                        },
                        [&](const channel_opened& each) { table_.bind(row, each.number, each.peer); },
                        [&](const channel_closed& each) { table_.unbind(row, each.number); },
                        [&](const permission_closed& each) { table_.forbid(row, each.peer); },
                        [](const relay_closed&) {}}, // `has_ended` says so, too.
             change);
}

std::optional<reply> server::reply_to(std::uint32_t row, const allocation_answer& answer, std::span<std::byte> room) {
  auto& known = table_[row];
  const auto waiting = std::ranges::find(known.requests, answer.request);
  if (waiting == known.requests.end())
    return std::nullopt; // A deadline's.
  const auto terms = requests_.find(answer.request)->terms;
  requests_.remove(answer.request);
  known.requests.erase(waiting);

  const auto bytes = answer.code != 0                        ? write_error(room, terms, answer.code)
                     : terms.which == stun::method::allocate ? write_success_of(known, terms, room)
                     : terms.which == stun::method::refresh  ? write_refreshed(room, terms, answer.lifetime)
                                                             : write_success(room, terms);
  return reply{.out = {known.client.listener, known.client.client, bytes},
               .code = answer.code,
               .reason = stun::reason_phrase(answer.code)};
}

std::span<const std::byte> server::write_success_of(const relay_row& row, const reply_terms& terms,
                                                    std::span<std::byte> room) const {
  return write_allocated(room, terms,
                         {.relayed = {settings_.announced, row.lease.port},
                          .client = row.client.client,
                          .lifetime = row.lifetime,
                          .token = row.lease.held,
                          .lacks_additional_family = row.lacks_additional_family});
}

} // namespace sallyport::turn
