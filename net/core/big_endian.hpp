#pragma once
#include <cstddef>
#include <cstdint>

namespace sallyport {

/// Writes the integer in network order and returns the place after it. The room is the caller's to have. `Byte` is
/// std::uint8_t or std::byte.
template <class Byte, class Integer>
Byte* put_big_endian(Byte* at, Integer value) noexcept {
  for (std::size_t i = sizeof value; i > 0; --i)
    *at++ = static_cast<Byte>(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
  return at;
}

/// Reads what `put_big_endian` wrote and returns the place after it.
template <class Byte, class Integer>
const Byte* get_big_endian(const Byte* at, Integer& value) noexcept {
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    read = (read << 8) | static_cast<std::uint8_t>(*at++);
  value = static_cast<Integer>(read);
  return at;
}

/// The integer that stands at `at` in network order.
template <class Integer, class Byte>
[[nodiscard]] Integer big_endian_at(const Byte* at) noexcept {
  Integer value{};
  get_big_endian(at, value);
  return value;
}

} // namespace sallyport
