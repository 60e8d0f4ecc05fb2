#pragma once
#include <tl/expected.hpp>

namespace sallyport {

/// What a fallible function returns: bad input is a value, expected and counted. Swap for std::expected with C++23.
template <class T, class E>
using result = tl::expected<T, E>;

template <class E>
[[nodiscard]] constexpr auto fail(E error) {
  return tl::unexpected<E>(std::move(error));
}

} // namespace sallyport
