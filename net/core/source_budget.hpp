#pragma once
#include <cstddef>
#include <vector>

#include "net/core/address.hpp"
#include "net/core/siphash.hpp"
#include "net/core/token_bucket.hpp"

namespace sallyport {

/// How many bytes those who have proved nothing may cause to be sent: one rate for each source (`source_prefix`), kept
/// in a table that never grows, so that none of them costs memory. Sources that meet in one bucket share its rate; the
/// keyed hash keeps anyone from choosing with whom. Pure: time arrives as `now`.
class source_budget {
public:
  /// `rate` is in bytes; `buckets` (eight bytes each) is the size of the table; `hash` has a key of this process alone.
  source_budget(const token_rate& rate, const siphash& hash, std::size_t buckets = 4096);

  /// Takes as many bytes from the budget of the source of `address`, if it has them all.
  [[nodiscard]] bool take(const ip_address& address, std::size_t bytes, time_point now) noexcept;

private:
  token_rate rate_;
  siphash hash_;
  std::vector<token_bucket> buckets_;
};

} // namespace sallyport
