#pragma once
#include <cstdint>

#include "net/sip/names.hpp"

namespace sallyport::sip {

/// Where one header field stands in its message, as offsets from the message's first byte.
struct header_field {
  static constexpr std::uint8_t none = 0xFF;

  header_id id = header_id::other;
  std::uint8_t next_alike = none; ///< Index of the next field with this id, or `none`.
  std::uint16_t line_begin = 0;   ///< First byte of the name.
  std::uint16_t line_end = 0;     ///< One past the CRLF of its last line: folded lines are part of the field.
  std::uint16_t name_bytes = 0;
  std::uint16_t value_begin = 0; ///< The value without white space and folds around it (inside it they stay).
  std::uint16_t value_end = 0;
};

} // namespace sallyport::sip
