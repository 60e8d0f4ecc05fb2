#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport {

/// SipHash-2-4: what tables keyed by a peer's bytes hash with, so that nobody can choose collisions.
struct siphash {
  std::uint64_t key_low = 0;
  std::uint64_t key_high = 0;
  using is_transparent = void; ///< Looks a std::string up by a std::string_view.

  [[nodiscard]] std::size_t operator()(std::string_view bytes) const noexcept;
};

} // namespace sallyport
