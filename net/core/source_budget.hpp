#pragma once
#include <cstddef>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/siphash.hpp"
#include "net/core/token_bucket.hpp"

namespace sallyport {

/// How many answers the unauthenticated may cause: one rate for each source (`source_prefix`), kept in a table that
/// never grows, so that none of them costs memory. Sources that meet in one bucket share its rate; the keyed hash keeps
/// anyone from choosing with whom. Pure: time arrives as `now`.
class source_budget {
public:
  /// `buckets` (eight bytes each) is the size of the table; `hash` has a key of this process alone.
  source_budget(const token_rate& rate, const siphash& hash, std::size_t buckets = 4096);

  /// Takes one answer from the budget of the source of `address`, if there is one.
  [[nodiscard]] bool take(const ip_address& address, time_point now) noexcept;

private:
  token_rate rate_;
  siphash hash_;
  std::vector<token_bucket> buckets_;
};

} // namespace sallyport
