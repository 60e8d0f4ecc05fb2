#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace sallyport {

/// A 32-byte key. Wiped when it goes; has no way to be printed or compared by accident.
class secret_key {
public:
  static constexpr std::size_t size_bytes = 32;

  explicit secret_key(std::span<const std::uint8_t, size_bytes> bytes) noexcept;
  secret_key(const secret_key&) = default;
  secret_key& operator=(const secret_key&) = default;
  ~secret_key();

  [[nodiscard]] std::span<const std::uint8_t, size_bytes> bytes() const noexcept { return bytes_; }

private:
  std::array<std::uint8_t, size_bytes> bytes_;
};

/// Takes the same time wherever the two first differ. Lengths are not secret.
[[nodiscard]] bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) noexcept;

} // namespace sallyport
