#pragma once
#include <string_view>

namespace sallyport::config {

/// Offset of the first byte that is not part of printable UTF-8 (RFC 3629), tab and line ends excepted; npos if none.
[[nodiscard]] std::string_view::size_type first_unprintable(std::string_view text) noexcept;

} // namespace sallyport::config
