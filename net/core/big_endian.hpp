#pragma once
#include <cstddef>
#include <cstdint>

namespace sallyport {

/// Writes the integer in network order and returns the place after it. The room is the caller's to have.
template <class Integer>
std::uint8_t* put_big_endian(std::uint8_t* at, Integer value) noexcept {
  for (std::size_t i = sizeof value; i > 0; --i)
    *at++ = static_cast<std::uint8_t>(value >> (8 * (i - 1)));
  return at;
}

/// Reads what `put_big_endian` wrote and returns the place after it.
template <class Integer>
const std::uint8_t* get_big_endian(const std::uint8_t* at, Integer& value) noexcept {
  std::uint64_t read = 0;
  for (std::size_t i = 0; i < sizeof value; ++i)
    read = (read << 8) | *at++;
  value = static_cast<Integer>(read);
  return at;
}

} // namespace sallyport
