#pragma once
#include <cstdint>

namespace sallyport::config {

/// How many a second; a token bucket of this rate holds one second's worth.
struct rate {
  std::uint32_t per_second = 0;
  friend bool operator==(const rate&, const rate&) = default;
};

} // namespace sallyport::config
