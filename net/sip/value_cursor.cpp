#include "net/sip/value_cursor.hpp"

#include "net/sip/scanner.hpp"

namespace sallyport::sip {
namespace {

/// How many bytes the value at the front has, its comma not counted.
std::size_t value_bytes(std::string_view list) noexcept {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == ',')
      return i;
    if (list[i] == '<') {
      i = std::min(list.find('>', i), list.size());
    } else if (list[i] == '"') {
      scanner quoted{list.substr(i)};
      const auto bytes = quoted.take_quoted().size();
      if (bytes == 0)
        return list.size();
      i += bytes - 1;
    }
  }
  return list.size();
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
  : message_{&message}, id_{id}, list_{std::string_view{}} {
  if (const auto* first = message.find(id))
    enter_next_field(static_cast<std::size_t>(first - message.headers().data()));
}

std::optional<std::string_view> value_cursor::next() noexcept {
  for (;;) {
    if (const auto value = list_.next())
      return value;
    const auto before = index_;
    enter_next_field(index_ + 1);
    if (index_ == before)
      return std::nullopt;
  }
}

void value_cursor::enter_next_field(std::size_t from) noexcept {
  const auto fields = message_->headers();
  for (std::size_t i = from; i < fields.size(); ++i)
    if (fields[i].id == id_) {
      index_ = i;
      list_ = list_cursor{message_->value(fields[i])};
      return;
    }
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
