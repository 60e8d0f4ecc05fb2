#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sallyport::sip {

/// Why bytes are not the SIP they should be: one value a reason, to count and to answer by.
enum class parse_error : std::uint8_t {
  // The message as a whole.
  empty,            ///< No bytes, or nothing but CR and LF: a keep-alive, not worth an answer.
  head_incomplete,  ///< The empty line that ends the head never came.
  head_too_long,    ///< message_limits::head_bytes_max
  too_many_headers, ///< message_limits::headers_max
  body_too_long,    ///< message_limits::body_bytes_max
  body_incomplete,  ///< Content-Length promises more than a datagram holds (RFC 3261, 18.3).
  not_sip,          ///< A stream whose first bytes or first line are of another protocol.
  // The start line.
  bad_start_line,      ///< Not the three parts with one space between (RFC 3261, 7.1 and 7.2).
  bad_method,          ///< Not a token.
  bad_request_uri,     ///< No scheme in front: `<>` around it, say.
  unsupported_version, ///< SIP, but not 2.0: a request gets 505.
  bad_status,          ///< Not three digits from 100 to 699.
  // A header line.
  bare_cr,           ///< A CR without its LF.
  bare_lf,           ///< An LF without its CR: where lines end must not be a matter of opinion.
  control_character, ///< A control character that no quoted-pair makes legal (NUL among them).
  bad_header_name,   ///< Not a token.
  missing_colon,     ///< A header line without a colon.
  // Content-Length, which frames.
  missing_content_length,     ///< On a stream (RFC 3261, 18.3).
  bad_content_length,         ///< Not digits.
  conflicting_content_length, ///< Given more than once, and not alike.
  // Typed values.
  bad_via,
  bad_cseq,
  bad_name_addr,
  bad_uri,
  bad_params, ///< Parameters that do not follow `*( SEMI name [ EQUAL value ] )`.
  bad_number, ///< Not digits only.
  number_out_of_range,
};
inline constexpr std::size_t parse_errors =
  static_cast<std::size_t>(parse_error::number_out_of_range) + 1; ///< How many there are.

/// The name of the value, for counters and logs.
[[nodiscard]] std::string_view to_string(parse_error reason) noexcept;

} // namespace sallyport::sip
