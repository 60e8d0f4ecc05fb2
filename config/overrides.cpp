#include "config/overrides.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "config/utf8.hpp"
#include "config/values.hpp"

namespace sallyport::config {

namespace {

constexpr std::string_view prefix = "SALLYPORT_";
constexpr std::size_t overrides_max = 1'000;

struct override_entry {
  std::vector<std::string> steps;
  const std::string* variable;
  const std::string* value;
};

std::vector<std::string> split_steps(std::string_view name) {
  std::string lowered{name};
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; });
  std::vector<std::string> steps;
  for (std::string_view rest = lowered;;) {
    const auto cut = rest.find("__");
    steps.emplace_back(rest.substr(0, cut));
    if (cut == std::string_view::npos)
      return steps;
    rest.remove_prefix(cut + 2);
  }
}

/// A whole section before its keys, and `__2` before `__10`, so that lists grow in order.
bool comes_before(const override_entry& left, const override_entry& right) {
  const auto is_before = [](const std::string& a, const std::string& b) {
    const auto first = parse_count(a);
    const auto second = parse_count(b);
    if (first.has_value() != second.has_value())
      return first.has_value();
    return first ? *first < *second : a < b;
  };
  return std::ranges::lexicographical_compare(left.steps, right.steps, is_before);
}

bool is_flow_text(std::string_view text) {
  return (text.starts_with('[') && text.ends_with(']')) || (text.starts_with('{') && text.ends_with('}'));
}

void move_to_variable(node& value, const std::string& variable) {
  value.where = value.key_where = {0, 0, variable};
  for (auto& child : value.children)
    move_to_variable(child, variable);
}

/// The value of one override, as a tree; nothing (and a problem) when it is not YAML.
std::optional<node> value_of(const override_entry& entry, problems& found) {
  node value;
  if (is_flow_text(*entry.value)) {
    problems inside;
    auto parsed = parse_tree(*entry.value, inside);
    for (auto& each : inside)
      found.push_back({{0, 0, *entry.variable}, {}, std::move(each.message)});
    if (!parsed)
      return std::nullopt;
    value = std::move(*parsed);
  } else if (entry.value->size() > scalar_bytes_max || first_unprintable(*entry.value) != std::string::npos) {
    found.push_back({{0, 0, *entry.variable}, {}, "is too long, or not UTF-8 text"});
    return std::nullopt;
  } else {
    value.what = node::kind::scalar; // An empty one too: of a section it would say that all of it is left out.
    value.text = *entry.value;
  }
  move_to_variable(value, *entry.variable);
  return value;
}

/// The child that `step` names, made when it is not there; nullptr when `parent` cannot have it.
node* child_of(node& parent, const std::string& step, const std::string& variable) {
  const auto index = parse_count(step);
  if (parent.what == node::kind::null) {
    parent.what = index ? node::kind::list : node::kind::map;
    move_to_variable(parent, variable);
  }
  if (parent.what == node::kind::list) {
    if (!index || *index > parent.children.size())
      return nullptr;
    if (*index < parent.children.size())
      return &parent.children[*index];
  } else if (parent.what != node::kind::map) {
    return nullptr;
  } else if (auto* known = parent.find(step)) {
    return known;
  }
  auto& added = parent.children.emplace_back();
  if (parent.what == node::kind::map)
    added.key = step;
  move_to_variable(added, variable);
  return &added;
}

void apply(node& root, const override_entry& entry, problems& found) {
  auto value = value_of(entry, found);
  if (!value)
    return;
  auto* at = &root;
  for (const auto& step : entry.steps) {
    at = entry.steps.size() > tree_depth_max ? nullptr : child_of(*at, step, *entry.variable);
    if (at == nullptr) {
      found.push_back({{0, 0, *entry.variable}, {}, "names no key: there is nothing at " + quote(step)});
      return;
    }
  }
  value->key = std::move(at->key);
  *at = std::move(*value);
}

} // namespace

void apply_overrides(node& root, const environment& variables, problems& found) {
  std::vector<override_entry> entries;
  for (auto each = variables.lower_bound(std::string{prefix}); each != variables.end(); ++each) {
    if (!each->first.starts_with(prefix))
      break;
    if (entries.size() == overrides_max) {
      found.push_back({{}, {}, "more than " + std::to_string(overrides_max) + " overrides in the environment"});
      break;
    }
    entries.push_back({split_steps(std::string_view{each->first}.substr(prefix.size())), &each->first, &each->second});
  }
  std::ranges::stable_sort(entries, comes_before);
  for (const auto& entry : entries)
    apply(root, entry, found);
}

} // namespace sallyport::config
