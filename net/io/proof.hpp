#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::io {

/// What shows that a user of ours is behind a connection: each service has its own.
enum class proof : std::uint8_t {
  registration, ///< The 2xx to a REGISTER with credentials.
  allocation,   ///< A signed Allocate (RFC 8656, 7.2).
};
inline constexpr std::size_t proof_count = 2;

[[nodiscard]] constexpr std::string_view to_string(proof which) noexcept {
  constexpr std::string_view names[proof_count]{"registration", "allocation"};
  return names[static_cast<std::size_t>(which)];
}

} // namespace sallyport::io
