#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// Digits only, white space around them allowed, leading zeros too; no sign. What does not fit is number_out_of_range.
[[nodiscard]] result<std::uint32_t, parse_error> parse_number(std::string_view value) noexcept;

/// 0 to 255 (RFC 3261, 20.22).
[[nodiscard]] result<std::uint8_t, parse_error> parse_max_forwards(std::string_view value) noexcept;

/// bad_content_length for anything but digits; a number that does not fit saturates, so the body limit judges it.
[[nodiscard]] result<std::size_t, parse_error> parse_content_length(std::string_view value) noexcept;

/// Seconds, 0 to 2^32-1, at the front of Expires, Session-Expires, Min-SE, Min-Expires, Retry-After, Flow-Timer: what
/// follows the digits must be nothing, parameters, or a comment. A larger number saturates (RFC 3261, 20.19).
[[nodiscard]] result<std::uint32_t, parse_error> parse_delta_seconds(std::string_view value) noexcept;

} // namespace sallyport::sip
