#pragma once
#include <string_view>

namespace sallyport::stun {

/// The reason phrase of an error code (RFC 8489, 14.8; RFC 8656, 19); empty for a code that neither names.
[[nodiscard]] std::string_view reason_phrase(unsigned code) noexcept;

} // namespace sallyport::stun
