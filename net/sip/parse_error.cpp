#include "net/sip/parse_error.hpp"

#include <array>

namespace sallyport::sip {
namespace {

// In the order of parse_error.
constexpr std::array<std::string_view, parse_errors> names{
  "empty",
  "head_incomplete",
  "head_too_long",
  "too_many_headers",
  "body_too_long",
  "body_incomplete",
  "not_sip",
  "bad_start_line",
  "bad_method",
  "bad_request_uri",
  "unsupported_version",
  "bad_status",
  "bare_cr",
  "bare_lf",
  "control_character",
  "bad_header_name",
  "missing_colon",
  "missing_content_length",
  "bad_content_length",
  "conflicting_content_length",
  "bad_via",
  "bad_cseq",
  "bad_name_addr",
  "bad_uri",
  "bad_params",
  "bad_number",
  "number_out_of_range",
};

} // namespace

std::string_view to_string(parse_error reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < names.size() ? names[index] : "unknown";
}

} // namespace sallyport::sip
