#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "net/io/reason_counters.hpp"

namespace sallyport::test {

/// How often a reason was counted.
inline std::uint64_t count_of(const io::reason_counters& reasons, std::string_view reason) {
  std::uint64_t found = 0;
  reasons.each([&](std::string_view each, std::uint64_t count) { found += each == reason ? count : 0; });
  return found;
}
/// How often any was.
inline std::uint64_t sum_of(std::span<const io::counter> reasons) {
  std::uint64_t sum = 0;
  for (const auto& each : reasons)
    sum += each.read();
  return sum;
}

} // namespace sallyport::test
