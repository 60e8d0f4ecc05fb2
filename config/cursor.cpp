#include "config/cursor.hpp"

#include <algorithm>
#include <iterator>

#include "config/former_keys.hpp"
#include "config/nearest.hpp"

namespace sallyport::config {

cursor::cursor(const cursor& parent, const node& at, std::string path)
  : at_{&at}, state_{parent.state_}, path_{std::move(path)}, unused_{parent.unused_} {
  state_->where.remember(path_, where());
}

cursor cursor::key(const node& child) const {
  return {*this, child, path_.empty() ? child.key : path_ + "." + child.key};
}

cursor cursor::item(const node& child, std::size_t index) const {
  return {*this, child, path_ + "[" + std::to_string(index) + "]"};
}

cursor cursor::unused() const {
  auto same = *this;
  same.unused_ = true;
  return same;
}

position cursor::where() const {
  // A section begins at its key: the parser puts it at its first value, which may be lines below.
  const bool is_inline = at_->what == node::kind::scalar || at_->key.empty();
  return is_inline || !at_->where.variable.empty() ? at_->where : at_->key_where;
}

void cursor::add(problem found) const {
  if (state_->found.size() < problems_max)
    state_->found.push_back(std::move(found));
}

void cursor::refuse(std::string message) const {
  add({where(), path_, std::move(message)});
}

void cursor::refuse_missing(std::string_view name) const {
  if (!unused_)
    add({where(), (path_.empty() ? "" : path_ + ".").append(name), "is missing"});
}

void cursor::refuse_unknown(const node& child, std::span<const std::string_view> known) const {
  auto message = "unknown key " + quote(child.key);
  const auto* former = std::ranges::find(former_keys, child.key, &former_key::name);
  if (former != std::end(former_keys))
    message += ", whose place " + quote(former->now) + " has taken (see CHANGELOG.md)";
  else if (const auto meant = nearest(child.key, known))
    message += ", did you mean " + quote(*meant) + "?";
  add({child.key_where, path_, std::move(message)});
}

std::optional<std::string_view> cursor::text(std::string_view wanted) const {
  if (at_->what == node::kind::scalar && !at_->text.empty())
    return at_->text;
  const auto is_empty = at_->what == node::kind::null || at_->what == node::kind::scalar;
  refuse(std::string{is_empty ? "has no value; it must be " : "must be "}.append(wanted));
  return std::nullopt;
}

bool cursor::is_section() const {
  if (at_->what == node::kind::map || at_->what == node::kind::null)
    return true;
  refuse("must be a section of keys");
  return false;
}

bool cursor::is_list(std::size_t items_max) const {
  if (at_->what != node::kind::list)
    refuse("must be a list");
  else if (at_->children.empty())
    refuse("must not be empty");
  else if (at_->children.size() > items_max)
    refuse("holds " + std::to_string(at_->children.size()) + " values, the limit is " + std::to_string(items_max));
  else
    return true;
  return false;
}

} // namespace sallyport::config
