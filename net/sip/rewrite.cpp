#include "net/sip/rewrite.hpp"

#include <algorithm>
#include <stdexcept>

#include "net/sip/line_text.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {

rewrite::rewrite(const message_view& original) : original_{&original} {}

rewrite& rewrite::start_line(std::string_view text) {
  cut(0, original_->start_line().size(), text, false);
  return *this;
}

rewrite& rewrite::request_uri(std::string_view text) {
  if (!original_->is_request())
    throw std::invalid_argument{"a response has no Request-URI"};
  const auto uri = original_->request_uri();
  const auto begin = offset(uri);
  cut(begin, begin + uri.size(), text, false);
  return *this;
}

rewrite& rewrite::prepend(header_id id, std::string_view value) {
  return prepend(to_string(id), value);
}

rewrite& rewrite::prepend(std::string_view name, std::string_view value) {
  insert_line(first_line_begin(), --prepended_, name, value);
  return *this;
}

rewrite& rewrite::insert_before_first(header_id id, std::string_view value) {
  const auto* first = original_->find(id);
  insert_line(first ? first->line_begin : first_line_begin(), --prepended_, to_string(id), value);
  return *this;
}

rewrite& rewrite::append(header_id id, std::string_view value) {
  return append(to_string(id), value);
}

rewrite& rewrite::append(std::string_view name, std::string_view value) {
  insert_line(last_line_end(), ++appended_, name, value);
  return *this;
}

rewrite& rewrite::replace(std::size_t index, std::string_view value) {
  const auto& field = original_->headers()[index];
  cut(field.value_begin, field.value_end, value, false);
  return *this;
}

rewrite& rewrite::remove(std::size_t index) {
  const auto& field = original_->headers()[index];
  cut(field.line_begin, field.line_end, {}, true);
  return *this;
}

rewrite& rewrite::remove_all(header_id id) {
  for (const auto& field : original_->headers())
    if (field.id == id)
      cut(field.line_begin, field.line_end, {}, true);
  return *this;
}

bool rewrite::remove_first_value(header_id id) {
  const auto first = find_first_value(id);
  if (!first)
    return false;
  const auto& field = original_->headers()[first->field];
  if (first->next != 0)
    cut(first->begin, first->next, {}, true);
  else
    cut(field.line_begin, field.line_end, {}, true);
  return true;
}

bool rewrite::replace_first_value(header_id id, std::string_view value) {
  const auto first = find_first_value(id);
  if (first)
    cut(first->begin, first->end, value, false);
  return first.has_value();
}

rewrite& rewrite::ensure_content_length() {
  if (!original_->find(header_id::content_length))
    append(header_id::content_length, std::to_string(original_->body().size()));
  return *this;
}

std::string rewrite::finish() const {
  const auto bytes = original_->bytes();
  std::string result;
  result.reserve(bytes.size() + texts_.size());
  std::size_t at = 0;
  for (const auto& next : edits_) {
    if (next.begin > at)
      result.append(bytes, at, next.begin - at);
    result.append(texts_, next.text_begin, next.text_bytes);
    at = std::max<std::size_t>(at, next.end);
  }
  result.append(bytes, at);
  return result;
}

void rewrite::insert_line(std::size_t at, std::int32_t rank, std::string_view name, std::string_view value) {
  require_one_line(name);
  require_one_line(value);
  const auto begin = texts_.size();
  texts_.append(name).append(": ").append(value).append("\r\n");
  keep({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at), rank, false, static_cast<std::uint32_t>(begin),
        static_cast<std::uint32_t>(texts_.size() - begin)});
}

void rewrite::cut(std::size_t begin, std::size_t end, std::string_view replacement, bool removes) {
  require_one_line(replacement);
  // What was done inside this range before goes with it.
  std::erase_if(edits_, [&](const edit& old) { return old.begin != old.end && old.begin >= begin && old.end <= end; });
  const auto text_begin = texts_.size();
  texts_.append(replacement);
  keep({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), 0, removes,
        static_cast<std::uint32_t>(text_begin), static_cast<std::uint32_t>(replacement.size())});
}

void rewrite::keep(const edit& added) {
  const auto comes_before = [](const edit& left, const edit& right) {
    return left.begin != right.begin ? left.begin < right.begin : left.rank < right.rank;
  };
  edits_.insert(std::ranges::upper_bound(edits_, added, comes_before), added);
}

bool rewrite::is_removed(std::size_t begin, std::size_t end) const noexcept {
  return std::ranges::any_of(edits_,
                             [&](const edit& old) { return old.removes && old.begin <= begin && old.end >= end; });
}

std::optional<rewrite::place> rewrite::find_first_value(header_id id) const noexcept {
  value_cursor values{*original_, id};
  auto value = values.next();
  while (value) {
    const auto begin = offset(*value);
    place found{values.field_index(), begin, static_cast<std::uint32_t>(begin + value->size()), 0};
    value = values.next();
    if (is_removed(found.begin, found.end))
      continue;
    if (value && values.field_index() == found.field)
      found.next = offset(*value);
    return found;
  }
  return std::nullopt;
}

std::uint32_t rewrite::offset(std::string_view part) const noexcept {
  return static_cast<std::uint32_t>(part.data() - original_->bytes().data());
}

std::size_t rewrite::first_line_begin() const noexcept {
  const auto fields = original_->headers();
  return fields.empty() ? last_line_end() : fields.front().line_begin;
}

std::size_t rewrite::last_line_end() const noexcept {
  const auto fields = original_->headers();
  return fields.empty() ? original_->start_line().size() + 2 : fields.back().line_end;
}

} // namespace sallyport::sip
