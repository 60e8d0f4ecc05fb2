#include "net/turn/relay_table.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "net/core/big_endian.hpp"
#include "net/core/fault.hpp"
#include "net/core/undo.hpp"

namespace sallyport::turn {
namespace {

/// Bytes of a key, one part behind the other: structs have padding, which must not be hashed.
class key_bytes {
public:
  template <class Integer>
  key_bytes& add(Integer value) noexcept {
    end_ = put_big_endian(end_, value);
    return *this;
  }
  key_bytes& add(const ip_address& address) noexcept {
    end_ = std::ranges::copy(address.bytes(), end_).out;
    return *this;
  }
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(bytes_.data()), static_cast<std::size_t>(end_ - bytes_.data())};
  }

private:
  std::array<std::uint8_t, 24> bytes_;
  std::uint8_t* end_ = bytes_.data();
};

template <class Value>
void forget(std::vector<Value>& all, const Value& one) {
  const auto found = std::ranges::find(all, one);
  *found = all.back();
  all.pop_back();
}

} // namespace

relay_table::relay_table(const lane_ref& home, const siphash& hash)
  : rows_{home}, clients_{key_hash{hash}}, peers_{key_hash{hash}}, channels_{key_hash{hash}}, permissions_{
                                                                                                key_hash{hash}} {}

std::uint32_t relay_table::open(const five_tuple& client) {
  if (find(client))
    throw std::logic_error{"a 5-tuple has one allocation at most"};
  const auto row = rows_.emplace().index;
  undo unopened{[&] { rows_.erase(row); }};
  rows_[row].client = client;
  fault::point("relay_table::open");
  clients_.insert(client, row);
  unopened.keep();
  return row;
}

void relay_table::close(std::uint32_t row) {
  const auto& closing = rows_[row];
  for (const auto channel : closing.channels) {
    if (const auto* peer = peer_of(row, channel))
      channels_.erase({row, *peer});
    peers_.erase({row, channel});
  }
  for (const auto& peer : closing.permissions)
    permissions_.erase({row, peer});
  clients_.erase(closing.client);
  rows_.erase(row);
}

void relay_table::permit(std::uint32_t row, const ip_address& peer, const permission& as) {
  if (!permissions_.insert({row, peer}, as))
    return;
  undo unpermitted{[&] { permissions_.erase({row, peer}); }};
  fault::point("relay_table::permit");
  rows_[row].permissions.push_back(peer);
  unpermitted.keep();
}

void relay_table::forbid(std::uint32_t row, const ip_address& peer) {
  if (permissions_.erase({row, peer}))
    forget(rows_[row].permissions, peer);
}

void relay_table::bind(std::uint32_t row, std::uint16_t channel, const endpoint& peer) {
  if (!peers_.insert({row, channel}, peer))
    return;
  undo unbound{[&] {
    channels_.erase({row, peer});
    peers_.erase({row, channel});
  }};
  fault::point("relay_table::bind");
  channels_.insert({row, peer}, channel);
  rows_[row].channels.push_back(channel);
  unbound.keep();
}

void relay_table::unbind(std::uint32_t row, std::uint16_t channel) {
  const auto* peer = peer_of(row, channel);
  if (!peer)
    return;
  channels_.erase({row, *peer});
  peers_.erase({row, channel});
  forget(rows_[row].channels, channel);
}

std::optional<std::uint32_t> relay_table::find(const five_tuple& client) const noexcept {
  const auto* row = clients_.find(client);
  return row ? std::optional{*row} : std::nullopt;
}

const endpoint* relay_table::peer_of(std::uint32_t row, std::uint16_t channel) const noexcept {
  return peers_.find({row, channel});
}

std::optional<std::uint16_t> relay_table::channel_of(std::uint32_t row, const endpoint& peer) const noexcept {
  const auto* channel = channels_.find({row, peer});
  return channel ? std::optional{*channel} : std::nullopt;
}

relay_table::permission* relay_table::permission_of(std::uint32_t row, const ip_address& peer) noexcept {
  return permissions_.find({row, peer});
}

std::size_t relay_table::key_hash::operator()(const five_tuple& key) const noexcept {
  return hash(key_bytes{}.add(key.client.address).add(key.client.port).add(key.listener).view());
}

std::size_t relay_table::key_hash::operator()(const channel_key& key) const noexcept {
  return hash(key_bytes{}.add(key.row).add(key.channel).view());
}

std::size_t relay_table::key_hash::operator()(const peer_key& key) const noexcept {
  return hash(key_bytes{}.add(key.row).add(key.peer.address).add(key.peer.port).view());
}

std::size_t relay_table::key_hash::operator()(const permission_key& key) const noexcept {
  return hash(key_bytes{}.add(key.row).add(key.peer).view());
}

} // namespace sallyport::turn
