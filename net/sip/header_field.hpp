#pragma once
#include <cstdint>

#include "net/sip/names.hpp"

namespace sallyport::sip {

/// Where one header field stands in its message, as offsets from the message's first byte.
struct header_field {
  static constexpr std::uint8_t none = 0xFF;

  header_id id;
  std::uint8_t next_alike;  ///< Index of the next field with this id, or `none`.
  std::uint16_t line_begin; ///< First byte of the name.
  std::uint16_t line_end;   ///< One past the CRLF of its last line: folded lines are part of the field.
  std::uint16_t name_bytes;
  std::uint16_t value_begin; ///< The value without white space and folds around it (inside it they stay).
  std::uint16_t value_end;
};

} // namespace sallyport::sip
