#pragma once
#include <cstddef>
#include <cstdint>

#include "net/core/time.hpp"

namespace sallyport::io {

/// What a connection may have while nothing proves that a user of ours is behind it.
struct unproved_limits {
  milliseconds proof_timeout{30'000};       ///< From accepting it, or from the end of a proof, to the next one.
  std::size_t queue_bytes_max = 32 * 1'024; ///< Unsent; one more closes it.
  std::size_t connections_max = SIZE_MAX;   ///< Of the lane, at once; the oldest makes room for one more.
};

} // namespace sallyport::io
