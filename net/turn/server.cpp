#include "net/turn/server.hpp"

#include <utility>

#include "net/core/batch.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"
#include "net/stun/error_code.hpp"

namespace sallyport::turn {
namespace {

using stun::message_class;
using stun::method;

} // namespace

server::server(const server_settings& settings, authenticator who, std::shared_ptr<const peer_filter> peers,
               relay_pool& pool)
  : settings_{settings}, who_{std::move(who)}, peers_{std::move(peers)}, pool_{pool},
    unproved_{settings.unproved_answer_bytes, settings.table_hash},
    table_{{.node = settings.node, .lane = settings.lane}, settings.table_hash}, requests_{
                                                                                   settings.requests_in_flight_max} {}

void server::renew(std::shared_ptr<const peer_filter> peers) noexcept {
  peers_ = std::move(peers);
  ++filters_;
}

decision server::receive(const arrival& from, std::span<const std::byte> datagram, std::span<std::byte> room) {
  const auto message = stun::message_view::parse(datagram);
  if (!message)
    return static_cast<drop_reason>(message.error());
  if (message->is(method::send, message_class::indication)) {
    const auto forwarded = relay_send_indication(*message, {from.client, from.listener});
    return forwarded ? decision{*forwarded} : forwarded.error();
  }
  if (message->kind() != message_class::request)
    return message->kind() == message_class::indication ? drop_reason::indication : drop_reason::response;

  switch (static_cast<method>(message->method_number())) {
  case method::binding:
    return answer_binding(*message, from, room);
  case method::allocate:
  case method::refresh:
  case method::create_permission:
  case method::channel_bind:
    return authenticate(*message, from, room);
  default:
    return drop_reason::unknown_method;
  }
}

decision server::answer_binding(const stun::message_view& message, const arrival& from, std::span<std::byte> room) {
  const auto terms = terms_of(message);
  const auto unknown = message.unknown(known_attributes);
  if (unknown.empty())
    return answer_unproved(from, write_bound(room, terms, from.client), 0, {});
  return answer_unproved(from, write_error(room, terms, 420, unknown.view()), 420, stun::reason_phrase(420));
}

decision server::authenticate(const stun::message_view& message, const arrival& from, std::span<std::byte> room) {
  if (!message.has_integrity() && !message.has_integrity_sha256())
    if (const auto code = hopeless(message, has_allocation(from)); code != 0)
      return answer_unproved(from, write_error(room, terms_of(message), code), code, stun::reason_phrase(code));
  const auto who = who_.authenticate(message, from.client, from.now.unix_seconds());
  if (!who)
    return challenge(message, from, who.error(), room);

  known_request request{.message = message, .from = from, .who = *who, .terms = terms_of(message), .room = room};
  request.terms.how = who->how;
  request.terms.key = who->who.key;
  const auto unknown = message.unknown(known_attributes);
  if (!unknown.empty())
    return refuse(request, 420, unknown.view());
  return message.is(method::allocate, message_class::request) ? allocate(request) : change(request);
}

/// What an unsigned request would be refused with, were it signed; 0: it may go on. Realm and nonce (RFC 8489, 9.2.4)
/// are of no use to it, and would be most of an answer that is longer than the request: it earns the code alone.
error_code server::hopeless(const stun::message_view& message, bool has_allocation) noexcept {
  if (!message.is(method::allocate, message_class::request))
    return has_allocation ? 0 : 437;                                   // RFC 8656, 5
  return message.find(stun::attribute::requested_transport) ? 0 : 400; // RFC 8656, 7.2, item 3
}

decision server::challenge(const stun::message_view& message, const arrival& from, const refusal& why,
                           std::span<std::byte> room) {
  const auto terms = terms_of(message);
  if (why.code == 400)
    return answer_unproved(from, write_error(room, terms, why.code), why.code, why.reason);
  if (!may_answer(from, challenge_bytes(who_.realm()))) // Before the nonce, which is the dear part.
    return drop_reason::unauthorized_suppressed;
  const auto nonce = who_.fresh_nonce(from.client, from.now.unix_seconds());
  const auto bytes = write_challenge(room, terms, why.code, who_.realm(), {nonce.data(), nonce.size()});
  return reply{.out = {from.listener, from.client, bytes}, .code = why.code, .reason = why.reason};
}

decision server::answer_unproved(const arrival& from, std::span<const std::byte> bytes, error_code code,
                                 std::string_view reason) {
  if (!may_answer(from, bytes.size()))
    return drop_reason::unauthorized_suppressed;
  return reply{.out = {from.listener, from.client, bytes}, .code = code, .reason = reason};
}

/// Takes the bytes of an answer that is not signed from its source's budget. A client with an allocation has none: it
/// has shown by its nonce that it is where it says.
bool server::may_answer(const arrival& from, std::size_t bytes) noexcept {
  return has_allocation(from) || unproved_.take(from.client.address, bytes, from.now.boot);
}

bool server::has_allocation(const arrival& from) noexcept {
  const auto row = table_.find(five_tuple{from.client, from.listener});
  return row && table_[*row].is_open;
}

decision server::refuse(const known_request& request, error_code code, std::span<const std::uint16_t> unknown) const {
  return reply{
    .out = {request.from.listener, request.from.client, write_error(request.room, request.terms, code, unknown)},
    .code = code,
    .reason = stun::reason_phrase(code)};
}

decision server::submit(const known_request& request, std::uint32_t row, decltype(allocation_event::what) what) {
  const auto number = add_request(row, {.row = row, .terms = request.terms});
  return ask{.id = table_.name(row), .event = {.request = number, .what = std::move(what)}};
}

std::uint64_t server::add_request(std::uint32_t row, const pending_request& request) {
  const auto number = requests_.add(request);
  undo unasked{[&] { requests_.remove(number); }};
  fault::point("turn::server::add_request");
  table_[row].requests.push_back(number);
  unasked.keep();
  return number;
}

void server::close(std::uint32_t row, time_point now) {
  batch each;
  each.run([&] { pool_.give_back(table_[row].owner, table_[row].lease.port, now); });
  forget(row);
  each.finish();
}

/// Takes the row and its waiting requests away; its port has been given back.
void server::forget(std::uint32_t row) {
  for (const auto number : table_[row].requests)
    requests_.remove(number);
  table_.close(row);
}

void server::lost(const allocation_id& id, time_point now) {
  if (table_.find(id))
    close(id.index, now);
}

const relay_counts* server::counts(const allocation_id& id) noexcept {
  const auto* row = table_.find(id);
  return row ? &row->counts : nullptr;
}

bool server::has_ipv4() const noexcept {
  return settings_.announced.is_v4();
}

endpoint server::as_seen(const endpoint& peer) const noexcept {
  return {peer.address == settings_.relay_address ? settings_.announced : peer.address, peer.port};
}

endpoint server::as_reached(const endpoint& peer) const noexcept {
  return {peer.address == settings_.announced ? settings_.relay_address : peer.address, peer.port};
}

} // namespace sallyport::turn
