#pragma once
#include <cstddef>

namespace sallyport::sip {

/// How big a message may be. What is above is refused with a reason, never cut.
struct message_limits {
  /// Start line, header lines and the empty line after them. Offsets have 16 bits: above 65,535 counts as 65,535.
  std::size_t head_bytes_max = 16 * 1024;
  /// Indexes have 8 bits: above 255 counts as 255.
  std::size_t headers_max = 128;
  std::size_t body_bytes_max = 48 * 1024;
};

} // namespace sallyport::sip
