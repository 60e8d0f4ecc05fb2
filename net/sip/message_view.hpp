#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "net/sip/header_field.hpp"
#include "net/sip/message_limits.hpp"
#include "net/sip/names.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// One SIP message read in place (RFC 3261, 7): an index of offsets into bytes that somebody else keeps alive.
/// Judges structure only: start line, header syntax, limits, Content-Length. Whether the headers make sense together is
/// for `validate`; what a value says is for the `parse_x` functions of headers.hpp, asked when needed.
/// One object is meant to be parsed into again and again: its index keeps its capacity, so parsing does not allocate.
class message_view {
public:
  /// Reads exactly one message: a datagram, or what the framer handed out. Octets past Content-Length are ignored, as
  /// in a datagram they must be (RFC 3261, 18.3); without Content-Length the body is all that follows the head.
  /// Nothing on success. On an error what could be read is still there for whoever answers 400: a line in error is left
  /// out and reading goes on; the first reason is the one reported.
  [[nodiscard]] std::optional<parse_error> parse(std::string_view bytes, const message_limits& limits = {});

  /// The same message at another place: `bytes` are a copy of `this->bytes()`.
  void rebase(std::string_view bytes) noexcept { bytes_ = bytes; }

  [[nodiscard]] bool is_request() const noexcept { return status_ == 0; }
  [[nodiscard]] sip::method method() const noexcept { return method_; } ///< `other` in a response.
  [[nodiscard]] std::string_view method_name() const noexcept { return is_request() ? first_part() : ""; }
  [[nodiscard]] std::string_view request_uri() const noexcept { return is_request() ? second_part() : ""; }
  /// 100 to 699; 0 in a request, and 1 in a response whose status could not be read.
  [[nodiscard]] unsigned status() const noexcept { return status_; }
  [[nodiscard]] std::string_view reason() const noexcept { return is_request() ? "" : second_part(); }
  /// Without CRLF.
  [[nodiscard]] std::string_view start_line() const noexcept { return bytes_.substr(0, start_line_bytes_); }

  /// In the order of the message.
  [[nodiscard]] std::span<const header_field> headers() const noexcept { return fields_; }
  [[nodiscard]] std::string_view name(const header_field& field) const noexcept;
  /// Trimmed; may hold folds (CRLF and white space), which every `parse_x` takes for the white space they are.
  [[nodiscard]] std::string_view value(const header_field& field) const noexcept;
  /// Name, colon, value, folds and CRLF, as received.
  [[nodiscard]] std::string_view line(const header_field& field) const noexcept;

  /// The first field of that name, or null. `header_id::other` finds the first unknown one.
  [[nodiscard]] const header_field* find(header_id id) const noexcept;
  /// By any name, in any case; reads all names, so not for hot paths.
  [[nodiscard]] const header_field* find(std::string_view name) const noexcept;
  /// The next field of the same name, after one of this message; or null.
  [[nodiscard]] const header_field* find_next(const header_field& field) const noexcept {
    return field.next_alike == header_field::none ? nullptr : &fields_[field.next_alike];
  }
  /// Of the first such field; empty when there is none.
  [[nodiscard]] std::string_view value(header_id id) const noexcept;
  /// Fields, not comma-separated values.
  [[nodiscard]] std::size_t count(header_id id) const noexcept;

  [[nodiscard]] std::string_view body() const noexcept { return bytes_.substr(head_bytes_); }
  /// Start line, fields and the empty line.
  [[nodiscard]] std::string_view head() const noexcept { return bytes_.substr(0, head_bytes_); }
  /// Head and body.
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

private:
  friend class head_reader;

  static constexpr std::uint16_t no_status = 1;

  [[nodiscard]] std::string_view first_part() const noexcept { return bytes_.substr(0, first_end_); }
  [[nodiscard]] std::string_view second_part() const noexcept {
    return bytes_.substr(second_begin_, second_end_ - second_begin_);
  }

  std::string_view bytes_;
  std::uint32_t head_bytes_ = 0;
  std::uint16_t start_line_bytes_ = 0;
  std::uint16_t first_end_ = 0;    ///< Of the method.
  std::uint16_t second_begin_ = 0; ///< Of the Request-URI, or of the reason phrase.
  std::uint16_t second_end_ = 0;
  std::uint16_t status_ = 0;
  sip::method method_ = sip::method::other;
  std::array<std::uint8_t, header_ids> first_{}; ///< Index of the first field with an id, or `none`.
  std::vector<header_field> fields_;
};

} // namespace sallyport::sip
