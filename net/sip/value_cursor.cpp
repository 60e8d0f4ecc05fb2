#include "net/sip/value_cursor.hpp"

#include "net/sip/scanner.hpp"

namespace sallyport::sip {
namespace {

/// How many bytes the value at the front has, its comma not counted.
std::size_t value_bytes(std::string_view list) noexcept {
  const char* const begin = list.data();
  const char* const end = begin + list.size();
  for (const char* at = begin;; ++at) {
    at = find_list_mark(at, end);
    if (at == end || *at == ',')
      return static_cast<std::size_t>(at - begin);
    if (*at == '<') {
      at = find_char(at, end, '>');
    } else {
      scanner quoted{{at, static_cast<std::size_t>(end - at)}};
      const auto bytes = quoted.take_quoted().size();
      at = bytes == 0 ? end : at + bytes - 1;
    }
    if (at == end)
      return list.size();
  }
}

} // namespace

list_cursor::list_cursor(std::string_view list) noexcept : rest_{list}, done_{trim(list).empty()} {}

std::optional<std::string_view> list_cursor::next() noexcept {
  if (done_)
    return std::nullopt;
  const auto bytes = value_bytes(rest_);
  const auto value = trim(rest_.substr(0, bytes));
  done_ = bytes == rest_.size();
  rest_.remove_prefix(done_ ? bytes : bytes + 1);
  return value;
}

value_cursor::value_cursor(const message_view& message, header_id id) noexcept
  : message_{&message}, field_{message.find(id)}, list_{field_ ? message.value(*field_) : std::string_view{}} {}

std::optional<std::string_view> value_cursor::next() noexcept {
  for (;;) {
    if (const auto value = list_.next())
      return value;
    const auto* following = field_ ? message_->find_next(*field_) : nullptr;
    if (!following)
      return std::nullopt;
    field_ = following;
    list_ = list_cursor{message_->value(*field_)};
  }
}

std::size_t value_cursor::field_index() const noexcept {
  return field_ ? static_cast<std::size_t>(field_ - message_->headers().data()) : 0;
}

std::optional<std::string_view> first_value(const message_view& message, header_id id) noexcept {
  return value_cursor{message, id}.next();
}

std::size_t count_values(const message_view& message, header_id id) noexcept {
  std::size_t values = 0;
  for (value_cursor cursor{message, id}; cursor.next();)
    ++values;
  return values;
}

} // namespace sallyport::sip
