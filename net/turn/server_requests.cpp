#include <algorithm>
#include <array>
#include <stdexcept>

#include "net/core/big_endian.hpp"
#include "net/core/undo.hpp"
#include "net/stun/error_code.hpp"
#include "net/turn/server.hpp"

namespace sallyport::turn {
namespace {

constexpr error_code of(relay_refusal why) noexcept {
  return why == relay_refusal::quota ? 486 : 508;
}

} // namespace

// RFC 8656, 7.2. Item 1, authentication, is done.
decision server::allocate(const known_request& request) {
  const five_tuple client{request.from.client, request.from.listener};
  if (const auto row = table_.find(client))
    return allocate_again(request, *row);
  auto wanted = read_allocate(request.message, has_ipv4());
  if (!wanted) {
    constexpr std::array unknown{static_cast<std::uint16_t>(stun::attribute::dont_fragment)};
    return refuse(request, wanted.error(),
                  wanted.error() == 420 ? std::span<const std::uint16_t>{unknown} : std::span<const std::uint16_t>{});
  }
  if (requests_.is_full())
    return refuse(request, 508);

  const auto owner = request.who.counted_as();
  if (wanted->port.want == port_request::kind::pair)
    wanted->port.token = fresh_token(request.from.random);
  const auto lease = pool_.take(owner, wanted->port, request.from.now.boot, request.from.random);
  if (!lease)
    return refuse(request, of(lease.error()));

  undo untaken{[&] { pool_.put_back(owner, *lease, request.from.now.boot); }};
  const auto index = table_.open(client);
  undo unopened{[&] { table_.close(index); }};
  auto& row = table_[index];
  row.lacks_additional_family = wanted->lacks_additional_family;
  row.username = request.who.username;
  row.owner = owner;
  row.allocated_by = request.message.transaction();
  row.lease = *lease;
  add_request(
    index,
    {.row = index, .terms = request.terms, .lifetime = wanted->lifetime, .port = wanted->port, .ports_tried = 1});
  untaken.keep();
  unopened.keep();
  return open_socket{.id = table_.name(index), .port = lease->port};
}

/// An Allocate on a 5-tuple that has an allocation: the one that made it, sent again, gets its answer again; any other
/// is a mismatch (RFC 8656, 7.2, item 2 and its note on retransmissions).
decision server::allocate_again(const known_request& request, std::uint32_t row) {
  const auto& known = table_[row];
  if (known.allocated_by != request.message.transaction() || known.username != request.who.username)
    return refuse(request, 437);
  if (!known.is_open)
    return drop_reason::retransmission;
  return reply{
    .out = {known.client.listener, known.client.client, write_success_of(known, request.terms, request.room)},
    .code = 0,
    .reason = {}};
}

ask server::opened(const allocation_id& id) {
  const auto number = opening(id).requests.front();
  return {.id = id, .event = {.request = number, .what = open_request{requests_.find(number)->lifetime}}};
}

decision server::not_opened(const allocation_id& id, socket_refusal why, time_point now, std::uint64_t random,
                            std::span<std::byte> room) {
  auto& row = opening(id);
  auto& waiting = *requests_.find(row.requests.front());
  if (why == socket_refusal::port && waiting.ports_tried++ < ports_tried_max) {
    if (const auto lease = pool_.replace(row.lease, waiting.port, now, random)) {
      row.lease = *lease;
      return open_socket{.id = id, .port = lease->port};
    }
  }
  const reply refused{.out = {row.client.listener, row.client.client, write_error(room, waiting.terms, 508)},
                      .code = 508,
                      .reason = stun::reason_phrase(508)};
  if (why == socket_refusal::port)
    pool_.give_back(row.owner, row.lease.port, now);
  else
    pool_.put_back(row.owner, row.lease, now);
  forget(id.index);
  return refused;
}

/// Every request but Allocate (RFC 8656, 5): the allocation must be there, and be the user's own.
decision server::change(const known_request& request) {
  const auto row = table_.find({request.from.client, request.from.listener});
  if (!row || !table_[*row].is_open)
    return refuse(request, 437);
  const auto& known = table_[*row];
  if (known.username != request.who.username)
    return refuse(request, 441);
  const bool is_repeated = std::ranges::any_of(known.requests, [&](std::uint64_t number) {
    return requests_.find(number)->terms.transaction == request.message.transaction();
  });
  if (is_repeated)
    return drop_reason::retransmission;

  switch (request.terms.which) {
  case stun::method::refresh:
    return refresh(request, *row);
  case stun::method::create_permission:
    return create_permission(request, *row);
  default:
    return channel_bind(request, *row);
  }
}

decision server::refresh(const known_request& request, std::uint32_t row) {
  const auto wanted = read_refresh(request.message, has_ipv4());
  if (!wanted)
    return refuse(request, wanted.error());
  if (!has_room(row)) // A refresh has no code for this, and an error would cost the client its allocation.
    return drop_reason::refresh_without_room;
  return submit(request, row, *wanted);
}

decision server::create_permission(const known_request& request, std::uint32_t row) {
  auto peers = read_create_permission(request.message);
  if (!peers)
    return refuse(request, peers.error());
  for (auto& peer : *peers)
    peer = as_seen({peer, 0}).address;
  std::ranges::sort(*peers);
  peers->erase(std::unique(peers->begin(), peers->end()), peers->end());

  if (!std::ranges::all_of(*peers, [&](const auto& peer) { return peer.is_v4() == has_ipv4(); }))
    return refuse(request, 443);
  if (std::ranges::any_of(*peers, [&](const auto& peer) { return peers_->judge(peer) == peer_verdict::refused; }))
    return refuse(request, 403);
  if (!has_room(row))
    return refuse(request, 508);
  return submit(request, row, permission_request{std::move(*peers)});
}

decision server::channel_bind(const known_request& request, std::uint32_t row) {
  auto wanted = read_channel_bind(request.message);
  if (!wanted)
    return refuse(request, wanted.error());
  wanted->peer = as_seen(wanted->peer);
  // The allocation decides; but what its rows show already comes before the checks of the peer (RFC 8656, 12.2).
  const auto* bound_peer = table_.peer_of(row, wanted->number);
  const auto bound_number = table_.channel_of(row, wanted->peer);
  if ((bound_peer && *bound_peer != wanted->peer) || (bound_number && *bound_number != wanted->number))
    return refuse(request, 400);

  if (wanted->peer.address.is_v4() != has_ipv4())
    return refuse(request, 443);
  const auto verdict = peers_->judge(wanted->peer.address);
  if (verdict == peer_verdict::refused ||
      (verdict == peer_verdict::relay_ports_only && !peers_->is_relay_port(wanted->peer.port)))
    return refuse(request, 403);
  if (!has_room(row))
    return refuse(request, 508);
  return submit(request, row, *wanted);
}

bool server::has_room(std::uint32_t row) noexcept {
  return table_[row].requests.size() < relay_row::requests_max && !requests_.is_full();
}

relay_row& server::opening(const allocation_id& id) {
  auto* row = table_.find(id);
  if (!row || row->is_open || row->requests.empty())
    throw std::logic_error{"no allocation waits for this socket"};
  return *row;
}

/// The same random bits also choose the port, which peers see: hashed under our key they say nothing of the token.
reservation_token server::fresh_token(std::uint64_t random) const noexcept {
  reservation_token token{};
  put_big_endian(token.data(), random);
  put_big_endian(token.data(), settings_.table_hash({reinterpret_cast<const char*>(token.data()), token.size()}));
  return token;
}

} // namespace sallyport::turn
