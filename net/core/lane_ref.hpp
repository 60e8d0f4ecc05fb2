#pragma once
#include <compare>
#include <cstddef>
#include <cstdint>

namespace sallyport {

/// Names a thing that one lane owns (a flow, a session, a server transaction): any lane that reads one in a token or a
/// branch knows whose inbox to put the work into, without a shared table. `generation` tells a reused slot from the one
/// it replaced; a slot's first generation is 1, so the default value names nothing.
struct lane_ref {
  std::uint16_t node = 0;
  std::uint8_t lane = 0;
  std::uint32_t index = 0;
  std::uint32_t generation = 0;

  [[nodiscard]] explicit operator bool() const noexcept { return generation != 0; }
  friend auto operator<=>(const lane_ref&, const lane_ref&) = default;
};

struct lane_ref_hash {
  [[nodiscard]] std::size_t operator()(const lane_ref& ref) const noexcept {
    const auto high = (std::uint64_t{ref.node} << 40) | (std::uint64_t{ref.lane} << 32) | ref.index;
    return (high ^ (std::uint64_t{ref.generation} << 27)) * 0x9e3779b97f4a7c15U >> 7;
  }
};

} // namespace sallyport
