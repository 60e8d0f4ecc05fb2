#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::stun {

/// Why a datagram is not the STUN message it should be: one value a reason, to count by.
enum class parse_error : std::uint8_t {
  truncated,           ///< Shorter than its header, or than its header promises.
  not_stun,            ///< The first two bits or the magic cookie are another's.
  bad_length,          ///< Not a multiple of four, or the datagram goes on after the message.
  bad_attribute,       ///< An attribute leaves the message, or an integrity of a length that it cannot have.
  too_many_attributes, ///< message_view::attributes_max
  bad_fingerprint,     ///< Not the last attribute, not of four bytes, or not right.
};
inline constexpr std::size_t parse_errors =
  static_cast<std::size_t>(parse_error::bad_fingerprint) + 1; ///< How many there are.

/// The name of the value, for counters and logs.
[[nodiscard]] std::string_view to_string(parse_error reason) noexcept;

} // namespace sallyport::stun
