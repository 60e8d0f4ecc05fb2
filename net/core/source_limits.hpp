#pragma once
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>

#include "net/core/address.hpp"
#include "net/core/gates.hpp"
#include "net/core/token_bucket.hpp"

namespace sallyport {

struct source_limits_options {
  std::size_t connections_max = 64;                           ///< Unproved connections of one source at once.
  std::size_t held_bytes_max = 2 * 1024 * 1024;               ///< Queued and buffered for all of them.
  token_rate new_connections{.per_second = 50, .burst = 200}; ///< Of one source.
  std::size_t entries_max = 65536;                            ///< Sources remembered.
};

/// Limits connections by source (an IPv4 address, an IPv6 /64), and tolerates NAT: only connections that have not yet
/// proved themselves count, and those whose proof has ended. When the table is full the least recently used source
/// without a counted connection makes room; if there is none, new sources are refused.
///
/// Pure, and of one thread: `io::shared_admission` puts one of these before all lanes.
class source_limits final : public admission {
public:
  explicit source_limits(const source_limits_options& options) : options_{options} {}

  [[nodiscard]] verdict admit(const ip_address& source, time_point now) override;
  void proved(const ip_address& source) override;
  [[nodiscard]] bool unproved(const ip_address& source) override;
  void released(const ip_address& source) override;
  [[nodiscard]] bool hold(const ip_address& source, std::size_t before, std::size_t after) override;

  [[nodiscard]] std::size_t sources() const noexcept { return entries_.size(); }
  /// Connections of `source` that count against it.
  [[nodiscard]] std::size_t connections(const ip_address& source) const;

private:
  struct entry {
    std::size_t connections = 0;
    std::size_t held_bytes = 0; // Of those connections.
    token_bucket arrivals;
    std::list<ip_prefix>::iterator place; // In `idle_` while `connections` is 0.
  };
  using entry_map = std::unordered_map<ip_prefix, entry, address_hash>;

  entry_map::iterator find_or_make(const ip_prefix& source);
  void count_one(entry& of);

  source_limits_options options_;
  entry_map entries_;
  std::list<ip_prefix> idle_; // Sources without a counted connection, least recently used first.
};

} // namespace sallyport
