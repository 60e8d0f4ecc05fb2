#include "net/sip/framer.hpp"

#include "net/sip/characters.hpp"
#include "net/sip/content_length.hpp"
#include "net/sip/names.hpp"

namespace sallyport::sip {
namespace {

/// SIP of any version: that a version is not ours is an answer (505), not a reason to hang up.
bool looks_like_sip(std::string_view first_line) noexcept {
  if (equal_in_any_case(first_line.substr(0, 4), "SIP/"))
    return true;
  for (auto at = first_line.find(' '); at != std::string_view::npos; at = first_line.find(' ', at + 1))
    if (equal_in_any_case(first_line.substr(at, 5), " SIP/"))
      return true;
  return false;
}

/// The field at the front of `lines` with its folds, its last CRLF included.
std::string_view front_field(std::string_view lines) noexcept {
  std::size_t end = 0;
  do {
    const auto newline = lines.find('\n', end);
    end = newline == std::string_view::npos ? lines.size() : newline + 1;
  } while (end < lines.size() && chars::is(lines[end], chars::blank));
  return lines.substr(0, end);
}

} // namespace

void framer::push(std::string_view bytes) {
  if (error_)
    return;
  if (buffer_.empty() && pushed_.empty()) {
    pushed_ = bytes;
    return;
  }
  keep_pushed();
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_.append(bytes);
}

frame framer::next() {
  if (error_)
    return {frame::kind_type::failed, {}};
  if (begin_ == buffer_.size())
    release();
  if (head_bytes_ == 0) {
    if (const auto early = skip_blank_lines())
      return *early;
    if (const auto early = find_head_end())
      return *early;
    if (const auto early = read_content_length())
      return *early;
  }
  if (pending().size() < message_bytes_)
    return need_more();
  const auto message = pending().substr(0, message_bytes_);
  consume(message_bytes_);
  scanned_ = line_begin_ = head_bytes_ = message_bytes_ = 0;
  return {frame::kind_type::message, message};
}

std::size_t framer::capacity_bytes() const noexcept {
  static const auto in_place = std::string{}.capacity(); // What a std::string holds without asking for memory.
  return buffer_.capacity() > in_place ? buffer_.capacity() : 0;
}

std::string_view framer::pending() const noexcept {
  return buffer_.empty() ? pushed_ : std::string_view{buffer_}.substr(begin_);
}

void framer::consume(std::size_t bytes) noexcept {
  if (buffer_.empty())
    pushed_.remove_prefix(bytes);
  else
    begin_ += bytes;
}

void framer::release() noexcept {
  std::string{}.swap(buffer_);
  begin_ = 0;
}

void framer::keep_pushed() {
  buffer_.append(pushed_);
  pushed_ = {};
}

frame framer::need_more() {
  keep_pushed();
  if (begin_ == buffer_.size())
    release();
  return {};
}

frame framer::give_up(parse_error reason, std::string_view head) noexcept {
  error_ = reason;
  return {frame::kind_type::failed, head};
}

/// Between messages: CRLFs do not count (RFC 3261, 7.5), two in a row are a ping (RFC 5626, 3.5.1).
std::optional<frame> framer::skip_blank_lines() {
  static constexpr std::string_view ping = "\r\n\r\n";
  while (scanned_ == 0) {
    const auto text = pending();
    if (text.empty())
      return need_more();
    if (text.front() != ping[blank_]) {
      if (blank_ % 2 != 0)
        return give_up(parse_error::bare_cr);
      if (!chars::is(text.front(), chars::token))
        return give_up(text.front() == '\n' ? parse_error::bare_lf : parse_error::not_sip);
      blank_ = 0;
      return std::nullopt;
    }
    consume(1);
    if (++blank_ == ping.size()) {
      blank_ = 0;
      return frame{frame::kind_type::ping, {}};
    }
  }
  return std::nullopt;
}

std::optional<frame> framer::find_head_end() {
  const auto text = pending();
  while (head_bytes_ == 0) {
    const auto newline = text.find('\n', scanned_);
    scanned_ = newline == std::string_view::npos ? text.size() : newline + 1;
    if (scanned_ > limits_.head_bytes_max)
      return give_up(parse_error::head_too_long);
    if (newline == std::string_view::npos)
      return need_more();
    if (newline == 0 || text[newline - 1] != '\r')
      return give_up(parse_error::bare_lf);
    if (line_begin_ == 0 && !looks_like_sip(text.substr(0, newline - 1)))
      return give_up(parse_error::not_sip);
    if (line_begin_ == newline - 1)
      head_bytes_ = newline + 1;
    line_begin_ = newline + 1;
  }
  return std::nullopt;
}

std::optional<frame> framer::read_content_length() {
  const auto head = pending().substr(0, head_bytes_);
  content_length_rule length;
  auto lines = head.substr(head.find('\n') + 1);
  while (!lines.empty()) {
    const auto field = front_field(lines);
    lines.remove_prefix(field.size());
    if (to_lower(field.front()) != 'c' && to_lower(field.front()) != 'l')
      continue;
    const auto colon = field.find(':');
    if (colon == std::string_view::npos || parse_header_name(trim(field.substr(0, colon))) != header_id::content_length)
      continue;
    if (const auto error = length.see(field.substr(colon + 1)))
      return give_up(*error, head);
  }
  if (!length.bytes())
    return give_up(parse_error::missing_content_length, head);
  if (*length.bytes() > limits_.body_bytes_max)
    return give_up(parse_error::body_too_long, head);
  message_bytes_ = head_bytes_ + *length.bytes();
  return std::nullopt;
}

} // namespace sallyport::sip
