#include "net/sip/message_view.hpp"

#include "net/sip/characters.hpp"
#include "net/sip/head_reader.hpp"

namespace sallyport::sip {

std::optional<parse_error> message_view::parse(std::string_view bytes, const message_limits& limits) {
  bytes_ = bytes;
  head_bytes_ = 0;
  start_line_bytes_ = first_end_ = second_begin_ = second_end_ = status_ = 0;
  method_ = sip::method::other;
  first_.fill(header_field::none);
  fields_.clear();
  if (bytes.find_first_not_of("\r\n") == std::string_view::npos)
    return parse_error::empty;

  head_reader head{*this, bytes, limits};
  if (const auto error = head.read())
    return error;
  const auto after_head = bytes.size() - head_bytes_;
  const auto body_bytes = head.content_length().value_or(after_head);
  if (body_bytes > limits.body_bytes_max)
    return parse_error::body_too_long;
  if (body_bytes > after_head)
    return parse_error::body_incomplete;
  bytes_ = bytes.substr(0, head_bytes_ + body_bytes);
  return std::nullopt;
}

std::string_view message_view::name(const header_field& field) const noexcept {
  return bytes_.substr(field.line_begin, field.name_bytes);
}

std::string_view message_view::value(const header_field& field) const noexcept {
  return bytes_.substr(field.value_begin, field.value_end - field.value_begin);
}

std::string_view message_view::line(const header_field& field) const noexcept {
  return bytes_.substr(field.line_begin, field.line_end - field.line_begin);
}

const header_field* message_view::find(header_id id) const noexcept {
  const auto index = first_[static_cast<std::size_t>(id)];
  return index < fields_.size() ? &fields_[index] : nullptr;
}

const header_field* message_view::find(std::string_view name) const noexcept {
  for (const auto& field : fields_)
    if (equal_in_any_case(this->name(field), name))
      return &field;
  return nullptr;
}

std::string_view message_view::value(header_id id) const noexcept {
  const auto* field = find(id);
  return field ? value(*field) : std::string_view{};
}

std::size_t message_view::count(header_id id) const noexcept {
  std::size_t fields = 0;
  for (const auto* field = find(id); field; field = find_next(*field))
    ++fields;
  return fields;
}

} // namespace sallyport::sip
