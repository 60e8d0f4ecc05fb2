#include "net/sip/head_reader.hpp"

#include <algorithm>

#include "net/sip/byte_scan.hpp"
#include "net/sip/scanner.hpp"

namespace sallyport::sip {
namespace {

constexpr std::size_t offsets_max = 65535;

/// RFC 3261, 7.1: "SIP/2.0", in any case. Other numbers are another version; anything else is no SIP.
std::optional<parse_error> judge_version(std::string_view text) noexcept {
  if (equal_in_any_case(text, "SIP/2.0"))
    return std::nullopt;
  if (!equal_in_any_case(text.substr(0, 4), "SIP/"))
    return parse_error::bad_start_line;
  scanner number{text.substr(4)};
  const bool is_number =
    !number.take(chars::digit).empty() && number.accept('.') && !number.take(chars::digit).empty() && number.done();
  return is_number ? parse_error::unsupported_version : parse_error::bad_start_line;
}

/// A scheme and a colon in front. The rest is for parse_uri, when it is asked.
bool is_uri_begin(std::string_view text) noexcept {
  scanner rest{text};
  return !rest.take(chars::scheme).empty() && rest.accept(':');
}

} // namespace

head_reader::head_reader(message_view& into, std::string_view bytes, const message_limits& limits) noexcept
  : into_{into}, begin_{bytes.data()}, at_{bytes.data()} {
  const auto head_max = std::min(limits.head_bytes_max, offsets_max);
  end_ = begin_ + std::min(bytes.size(), head_max);
  end_error_ = bytes.size() > head_max ? parse_error::head_too_long : parse_error::head_incomplete;
  headers_max_ = std::min<std::size_t>(limits.headers_max, header_field::none);
}

std::optional<parse_error> head_reader::read() {
  bool is_complete = read_start_line();
  while (is_complete && !is_empty_line())
    is_complete = read_field();
  if (is_complete)
    at_ += 2;
  into_.head_bytes_ = static_cast<std::uint32_t>(at_ - begin_);
  into_.fields_.assign(fields_.begin(), fields_.begin() + static_cast<std::ptrdiff_t>(field_count_));
  return error_;
}

void head_reader::note(parse_error error) noexcept {
  if (!error_)
    error_ = error;
}

bool head_reader::take_line(quote_tracker* quotes, const char*& text_end, bool& is_clean) noexcept {
  for (const char* control = at_;; ++control) {
    control = find_control(control, end_);
    if (end_ - control < 2) {
      at_ = end_;
      note(end_error_);
      return false;
    }
    if (control[0] == '\r' && control[1] == '\n') [[likely]] {
      text_end = control;
      at_ = control + 2;
      return true;
    }
    if (*control == '\r' || *control == '\n' || !quotes || !quotes->is_quoted_pair(control)) {
      note(*control == '\r'   ? parse_error::bare_cr
           : *control == '\n' ? parse_error::bare_lf
                              : parse_error::control_character);
      is_clean = false;
    }
  }
}

bool head_reader::read_start_line() noexcept {
  const char* text_end = at_;
  bool is_clean = true;
  if (!take_line(nullptr, text_end, is_clean))
    return false;
  const std::string_view line{begin_, static_cast<std::size_t>(text_end - begin_)};
  into_.start_line_bytes_ = offset(text_end);
  const auto error = equal_in_any_case(line.substr(0, 4), "SIP/") ? judge_status_line(line) : judge_request_line(line);
  if (error)
    note(*error);
  if (!is_clean) // Nobody gets to see a method, URI or phrase with a control character in it.
    into_.first_end_ = into_.second_begin_ = into_.second_end_ = 0;
  return true;
}

/// Method SP Request-URI SP SIP-Version (RFC 3261, 7.1), with exactly those two spaces.
std::optional<parse_error> head_reader::judge_request_line(std::string_view line) noexcept {
  scanner text{line};
  const auto name = text.take(chars::token);
  into_.first_end_ = offset(text.position());
  into_.method_ = parse_method(name);
  if (name.empty() || text.done())
    return parse_error::bad_start_line;
  if (!text.accept(' '))
    return parse_error::bad_method;
  into_.second_begin_ = offset(text.position());
  const auto uri = text.take_until(' ');
  into_.second_end_ = offset(text.position());
  if (uri.empty() || !text.accept(' '))
    return parse_error::bad_start_line;
  if (const auto error = judge_version(text.rest()))
    return error;
  if (!is_uri_begin(uri))
    return parse_error::bad_request_uri;
  return std::nullopt;
}

/// SIP-Version SP Status-Code SP Reason-Phrase (RFC 3261, 7.2); the phrase may be empty, its space may not be missing.
std::optional<parse_error> head_reader::judge_status_line(std::string_view line) noexcept {
  const auto space = std::min(line.find(' '), line.size());
  scanner text{line.substr(space)};
  (void)text.accept(' ');
  const auto digits = text.take(chars::digit);
  const bool is_status = digits.size() == 3 && digits.front() >= '1' && digits.front() <= '6';
  // What is no status must not pass for a request either.
  into_.status_ = is_status
                    ? static_cast<std::uint16_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0')
                    : message_view::no_status;
  if (const auto error = judge_version(line.substr(0, space)))
    return error;
  if (!is_status)
    return parse_error::bad_status;
  if (!text.accept(' '))
    return parse_error::bad_start_line;
  into_.second_begin_ = offset(text.position());
  into_.second_end_ = into_.start_line_bytes_;
  return std::nullopt;
}

bool head_reader::read_field() noexcept {
  const char* line = at_;
  const char* colon = find_control_or_colon(line, end_);
  const char* name_end = colon;
  while (name_end != line && chars::is(name_end[-1], chars::blank))
    --name_end;
  const std::string_view name{line, static_cast<std::size_t>(name_end - line)};
  const auto id = parse_header_name(name);
  const bool has_colon = colon != end_ && *colon == ':';
  const bool is_named = id != header_id::other || (!name.empty() && chars::all(name, chars::token));
  at_ = has_colon ? colon + 1 : colon;

  const char* value = at_;
  const char* value_end = at_;
  bool is_clean = has_colon && is_named;
  quote_tracker quotes{at_};
  do {
    if (!take_line(&quotes, value_end, is_clean))
      return false;
  } while (is_fold());
  if (!has_colon || !is_named)
    note(has_colon || name.empty() ? parse_error::bad_header_name : parse_error::missing_colon);
  if (!is_clean)
    return true;

  // Spaces and folds around the value go; the trailing CRLF is already past.
  while (value != value_end && chars::is(*value, chars::space))
    ++value;
  while (value_end != value && chars::is(value_end[-1], chars::space))
    --value_end;
  if (field_count_ == headers_max_) {
    note(parse_error::too_many_headers);
    return false;
  }
  keep_field({id, header_field::none, offset(line), offset(at_), static_cast<std::uint16_t>(name.size()), offset(value),
              offset(value_end)});
  return true;
}

void head_reader::keep_field(const header_field& field) noexcept {
  const auto index = static_cast<std::uint8_t>(field_count_++);
  const auto id = static_cast<std::size_t>(field.id);
  fields_[index] = field;
  if (into_.first_[id] == header_field::none)
    into_.first_[id] = index;
  else
    fields_[last_[id]].next_alike = index;
  last_[id] = index;
  if (field.id == header_id::content_length) {
    const std::string_view value{begin_ + field.value_begin,
                                 static_cast<std::size_t>(field.value_end - field.value_begin)};
    if (const auto error = content_length_.see(value))
      note(*error);
  }
}

} // namespace sallyport::sip
