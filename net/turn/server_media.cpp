#include <algorithm>

#include "net/core/big_endian.hpp"
#include "net/stun/message_writer.hpp"
#include "net/stun/xor_address.hpp"
#include "net/turn/channel_data.hpp"
#include "net/turn/server.hpp"

namespace sallyport::turn {

result<to_peer, drop_reason> server::relay_channel_data(const endpoint& client, std::uint8_t listener,
                                                        std::span<const std::byte> datagram) noexcept {
  const auto message = parse_channel_data(datagram);
  if (!message)
    return fail(drop_reason::bad_channel_data);
  const auto row = table_.find({client, listener});
  if (!row)
    return fail(drop_reason::no_allocation);
  const auto* peer = table_.peer_of(*row, message->number);
  if (!peer) {
    ++table_[*row].counts.dropped;
    return fail(drop_reason::no_channel);
  }
  return forward(*row, *peer, message->payload);
}

result<to_peer, drop_reason> server::relay_send_indication(const stun::message_view& message,
                                                           const five_tuple& client) noexcept {
  const auto indication = read_send_indication(message);
  if (!indication)
    return fail(indication.error());
  const auto row = table_.find(client);
  if (!row)
    return fail(drop_reason::no_allocation);
  return forward(*row, as_seen(indication->peer), indication->payload);
}

result<to_peer, drop_reason> server::forward(std::uint32_t row, const endpoint& peer,
                                             std::span<const std::byte> payload) noexcept {
  auto& counts = table_[row].counts;
  if (const auto refused = refuse_peer(row, peer)) {
    ++counts.dropped;
    return fail(*refused);
  }
  ++counts.packets_to_peers;
  counts.bytes_to_peers += payload.size();
  return to_peer{.relay = row, .peer = as_reached(peer), .payload = payload};
}

/// On every packet both ways: a channel may outlive its permission, and a permission is for all ports of an address
/// (RFC 8656, 9) unless the address is one of ours, which it may have become since (`renew`).
std::optional<drop_reason> server::refuse_peer(std::uint32_t row, const endpoint& peer) noexcept {
  auto* permission = table_.permission_of(row, peer.address);
  if (!permission)
    return drop_reason::no_permission;
  if (permission->judged_by != filters_)
    *permission = {.verdict = peers_->judge(peer.address), .judged_by = filters_};
  switch (permission->verdict) {
  case peer_verdict::any_port:
    return std::nullopt;
  case peer_verdict::relay_ports_only:
    return peers_->is_relay_port(peer.port) ? std::nullopt : std::optional{drop_reason::peer_port};
  case peer_verdict::refused:
    break;
  }
  return drop_reason::peer_refused;
}

result<to_client, drop_reason> server::relay_from_peer(const allocation_id& relay, const endpoint& peer,
                                                       std::span<std::byte> room, std::size_t payload_bytes) noexcept {
  auto* row = table_.find(relay);
  if (!row)
    return fail(drop_reason::no_allocation);
  const auto seen = as_seen(peer);
  const auto refused = payload_bytes > payload_bytes_max ? drop_reason::too_long : refuse_peer(relay.index, seen);
  if (refused) {
    ++row->counts.dropped;
    return fail(*refused);
  }
  ++row->counts.packets_to_client;
  row->counts.bytes_to_client += payload_bytes;
  const auto channel = table_.channel_of(relay.index, seen);
  return to_client{.listener = row->client.listener,
                   .client = row->client.client,
                   .bytes = channel ? write_channel_data(*channel, room, payload_bytes)
                                    : write_data_indication(seen, room, payload_bytes)};
}

std::span<const std::byte> server::write_channel_data(std::uint16_t number, std::span<std::byte> room,
                                                      std::size_t payload_bytes) noexcept {
  const auto message = room.subspan(headroom_bytes - channel_data::header_bytes);
  write_channel_header(message.first<channel_data::header_bytes>(), number, static_cast<std::uint16_t>(payload_bytes));
  return message.first(channel_data::header_bytes + payload_bytes); // Over UDP it needs no padding (RFC 8656, 12.5).
}

std::span<const std::byte> server::write_data_indication(const endpoint& peer, std::span<std::byte> room,
                                                         std::size_t payload_bytes) noexcept {
  const auto head_bytes = stun::header_bytes + 2 * stun::attribute_header_bytes + stun::xor_address_bytes(peer);
  stun::message_writer message{room.subspan(headroom_bytes - head_bytes), stun::method::data,
                               stun::message_class::indication, next_transaction()};
  message.put_xor_address(stun::attribute::xor_peer_address, peer);
  (void)message.put_in_place(stun::attribute::data, payload_bytes); // It stands there already.
  return message.finish();
}

/// Nothing answers an indication, so its id need only be hard to guess (RFC 8489, 5): a keyed hash of a count.
stun::transaction_id server::next_transaction() noexcept {
  stun::transaction_id id{};
  put_big_endian(id.data(), ++indications_);
  const auto hash = settings_.table_hash({reinterpret_cast<const char*>(id.data()), sizeof indications_});
  put_big_endian(put_big_endian(id.data(), hash), static_cast<std::uint32_t>(indications_));
  return id;
}

} // namespace sallyport::turn
