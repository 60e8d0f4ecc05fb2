#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport::stun {

/// The value of FINGERPRINT (RFC 8489, 14.7) over what stands before it. The length in the header already counts it.
[[nodiscard]] std::uint32_t fingerprint_of(std::span<const std::byte> before) noexcept;

} // namespace sallyport::stun
