#pragma once
#include <cstdint>
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/names.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// RFC 3261, 20.16.
struct cseq {
  std::uint32_t number = 0; ///< Below 2^31 (RFC 3261, 8.1.1.5).
  sip::method method = sip::method::other;
  std::string_view name; ///< The method as written.
};

[[nodiscard]] result<cseq, parse_error> parse_cseq(std::string_view value) noexcept;

} // namespace sallyport::sip
