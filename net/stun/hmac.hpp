#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace sallyport::stun {

/// HMAC (RFC 2104) of the parts as if they stood together. For keys that change from use to use; one key used often is
/// a `keyed_hash`. May be called from several threads at once.
[[nodiscard]] std::array<std::uint8_t, 20> hmac_sha1(std::span<const std::uint8_t> key,
                                                     std::initializer_list<std::span<const std::byte>> parts);
[[nodiscard]] std::array<std::uint8_t, 32> hmac_sha256(std::span<const std::uint8_t> key,
                                                       std::initializer_list<std::span<const std::byte>> parts);

} // namespace sallyport::stun
