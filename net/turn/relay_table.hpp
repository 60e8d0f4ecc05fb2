#pragma once
#include <cstdint>
#include <optional>

#include "net/core/flat_table.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/peer_filter.hpp"
#include "net/core/siphash.hpp"
#include "net/core/slot_table.hpp"
#include "net/turn/relay_row.hpp"

namespace sallyport::turn {

/// A lane's allocations and what the media path asks about them, packet by packet: whose is this 5-tuple, where does
/// this channel lead, which channel has this peer, is this peer permitted. Finding is noexcept and does not allocate;
/// rows change only when an allocation's actor has said so.
class relay_table {
public:
  /// `home`: whose the allocations are.
  relay_table(const lane_ref& home, const siphash& hash);

  /// A row for a 5-tuple that has none. Its index may be one that a closed row had.
  std::uint32_t open(const five_tuple& client);
  /// Takes the row away with its permissions and channels.
  void close(std::uint32_t row);

  /// Each does nothing where it is so already.
  struct permission {
    peer_verdict verdict = peer_verdict::refused;
    std::uint32_t judged_by = 0; ///< Which of the filters that there have been.
  };
  void permit(std::uint32_t row, const ip_address& peer, const permission& as);
  void forbid(std::uint32_t row, const ip_address& peer);
  void bind(std::uint32_t row, std::uint16_t channel, const endpoint& peer);
  void unbind(std::uint32_t row, std::uint16_t channel);

  [[nodiscard]] std::optional<std::uint32_t> find(const five_tuple& client) const noexcept;
  [[nodiscard]] const endpoint* peer_of(std::uint32_t row, std::uint16_t channel) const noexcept;
  [[nodiscard]] std::optional<std::uint16_t> channel_of(std::uint32_t row, const endpoint& peer) const noexcept;
  [[nodiscard]] permission* permission_of(std::uint32_t row, const ip_address& peer) noexcept;

  /// The row must be open.
  [[nodiscard]] lane_ref name(std::uint32_t row) const noexcept { return rows_.name(row); }
  /// Null for a name that is not ours, or no longer.
  [[nodiscard]] relay_row* find(const lane_ref& name) noexcept { return rows_.find(name); }
  /// The row must be open.
  [[nodiscard]] relay_row& operator[](std::uint32_t row) noexcept { return rows_[row]; }

  [[nodiscard]] std::size_t size() const noexcept { return rows_.size(); }
  [[nodiscard]] std::size_t permissions() const noexcept { return permissions_.size(); }
  [[nodiscard]] std::size_t channels() const noexcept { return peers_.size(); }

private:
  struct channel_key {
    std::uint32_t row = 0;
    std::uint16_t channel = 0;
    friend bool operator==(const channel_key&, const channel_key&) = default;
  };
  struct peer_key {
    std::uint32_t row = 0;
    endpoint peer;
    friend bool operator==(const peer_key&, const peer_key&) = default;
  };
  struct permission_key {
    std::uint32_t row = 0;
    ip_address peer;
    friend bool operator==(const permission_key&, const permission_key&) = default;
  };
  struct key_hash {
    siphash hash;
    [[nodiscard]] std::size_t operator()(const five_tuple& key) const noexcept;
    [[nodiscard]] std::size_t operator()(const channel_key& key) const noexcept;
    [[nodiscard]] std::size_t operator()(const peer_key& key) const noexcept;
    [[nodiscard]] std::size_t operator()(const permission_key& key) const noexcept;
  };

  slot_table<relay_row> rows_;
  flat_table<five_tuple, std::uint32_t, key_hash> clients_;
  flat_table<channel_key, endpoint, key_hash> peers_;
  flat_table<peer_key, std::uint16_t, key_hash> channels_;
  flat_table<permission_key, permission, key_hash> permissions_;
};

} // namespace sallyport::turn
