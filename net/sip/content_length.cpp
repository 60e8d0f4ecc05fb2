#include "net/sip/content_length.hpp"

#include "net/sip/numbers.hpp"

namespace sallyport::sip {

std::optional<parse_error> content_length_rule::see(std::string_view value) noexcept {
  const auto number = parse_content_length(value);
  if (!number)
    return number.error();
  if (bytes_ && *bytes_ != *number)
    return parse_error::conflicting_content_length;
  bytes_ = *number;
  return std::nullopt;
}

} // namespace sallyport::sip
