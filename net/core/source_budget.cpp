#include "net/core/source_budget.hpp"

#include <stdexcept>

namespace sallyport {

source_budget::source_budget(const token_rate& rate, const siphash& hash, std::size_t buckets)
  : rate_{rate}, hash_{hash}, buckets_(buckets) {
  if (buckets == 0)
    throw std::invalid_argument{"a source budget without buckets"};
}

bool source_budget::take(const ip_address& address, std::size_t bytes, time_point now) noexcept {
  const auto source = source_prefix(address).base; // How long the prefix is follows from the family.
  const std::string_view key{reinterpret_cast<const char*>(source.bytes().data()), source.bytes().size()};
  return bytes <= rate_.burst &&
         buckets_[hash_(key) % buckets_.size()].take(now, rate_, static_cast<std::uint32_t>(bytes));
}

} // namespace sallyport
