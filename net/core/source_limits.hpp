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
  std::size_t connections_max = 256;                          ///< Unproved connections of one source at once.
  token_rate new_connections{.per_second = 50, .burst = 200}; ///< Of one source.
  std::size_t entries_max = 65536;                            ///< Sources remembered.
};

/// Limits connections by source (an IPv4 address, an IPv6 /64), and tolerates NAT: only connections that have not yet
/// proved themselves count. When the table is full the least recently used source without a counted connection makes
/// room; if there is none, new sources are refused.
///
/// Pure, and of one thread: `io::shared_admission` puts one of these before all lanes.
class source_limits final : public admission {
public:
  explicit source_limits(const source_limits_options& options) : options_{options} {}

  [[nodiscard]] verdict admit(const ip_address& source, time_point now) override;
  void proved(const ip_address& source) override;
  void released(const ip_address& source) override;

  [[nodiscard]] std::size_t sources() const noexcept { return entries_.size(); }
  /// Connections of `source` that count against it.
  [[nodiscard]] std::size_t connections(const ip_address& source) const;

private:
  struct entry {
    std::size_t connections = 0;
    token_bucket arrivals;
    std::list<ip_prefix>::iterator place; // In `idle_` while `connections` is 0.
  };
  using entry_map = std::unordered_map<ip_prefix, entry, address_hash>;

  entry_map::iterator find_or_make(const ip_prefix& source);

  source_limits_options options_;
  entry_map entries_;
  std::list<ip_prefix> idle_; // Sources without a counted connection, least recently used first.
};

} // namespace sallyport
