#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/sip/content_length.hpp"
#include "net/sip/message_view.hpp"
#include "net/sip/quote_tracker.hpp"

namespace sallyport::sip {

/// Reads the head of one message into a message_view: one pass, left to right. A line in error is noted and left out,
/// and reading goes on, so that a refusal can still name the Via, Call-ID and CSeq it answers.
class head_reader {
public:
  head_reader(message_view& into, std::string_view bytes, const message_limits& limits) noexcept;

  /// Start line, header fields and the empty line; the first error, or nothing.
  [[nodiscard]] std::optional<parse_error> read();
  [[nodiscard]] std::optional<std::size_t> content_length() const noexcept { return content_length_.bytes(); }

private:
  void note(parse_error error) noexcept;
  /// From `at_` over the end of the line; false when the bytes end first. `text_end` is where its CRLF begins. What may
  /// not stand in it clears `is_clean`; with `quotes`, quoted-pairs may hold control characters.
  [[nodiscard]] bool take_line(quote_tracker* quotes, const char*& text_end, bool& is_clean) noexcept;
  [[nodiscard]] bool is_fold() const noexcept { return at_ != end_ && (*at_ == ' ' || *at_ == '\t'); }
  [[nodiscard]] bool is_empty_line() const noexcept { return end_ - at_ >= 2 && at_[0] == '\r' && at_[1] == '\n'; }

  [[nodiscard]] bool read_start_line() noexcept;
  [[nodiscard]] std::optional<parse_error> judge_request_line(std::string_view line) noexcept;
  [[nodiscard]] std::optional<parse_error> judge_status_line(std::string_view line) noexcept;
  [[nodiscard]] bool read_field() noexcept;
  void keep_field(const header_field& field) noexcept;
  [[nodiscard]] std::uint16_t offset(const char* at) const noexcept { return static_cast<std::uint16_t>(at - begin_); }

  // What is filled while reading has no value before: a message with ten fields does not pay for 254.
  std::array<header_field, header_field::none> fields_;
  std::array<std::uint8_t, header_ids> last_; ///< Index of the last field with an id so far; unset without a first.
  std::size_t field_count_ = 0;
  message_view& into_;
  const char* begin_;
  const char* at_;
  const char* end_; ///< Of the bytes that may be head.
  std::size_t headers_max_;
  parse_error end_error_; ///< What it means that the head does not end before `end_`.
  content_length_rule content_length_;
  std::optional<parse_error> error_;
};

} // namespace sallyport::sip
