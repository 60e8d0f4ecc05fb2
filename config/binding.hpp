#pragma once
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cursor.hpp"
#include "config/description.hpp"
#include "config/values.hpp"
#include "config/words.hpp"

/// How a table of keys is read, described and compared: each section of the file is one table, a row a key. What is
/// said of a key is said in its row and nowhere else; schema, guide, loading and reload are made of the rows.
namespace sallyport::config {

/// What a key holds, in the section that holds it.
template <class Section>
struct field {
  void (*read)(const cursor& at, Section& into);
  value_description (*describe)(const Section& fallback);
  /// Adds to `into` the keys at and below `path` in which two sections differ and that are renewed by a restart.
  void (*compare)(const Section& one, const Section& other, renewal by, const std::string& path,
                  std::vector<std::string>& into);
};

/// A row. One without a name is a group: its keys stand in the section itself.
template <class Section>
struct key {
  std::string_view name;
  presence must = presence::optional;
  renewal by = renewal::restart;
  field<Section> holds;
  std::string_view meaning;
  std::string_view otherwise; ///< What holds where the file does not say, if the value's default does not tell.
  std::string_view risk;      ///< Of leaving the default.
};

/// The table of a section: `static constexpr key<Section> table[]`.
template <class Section>
struct keys_of;

template <class Value>
concept section = requires {
  keys_of<Value>::table;
};

// What a value may be. Reading leaves `into` as it was when it refuses; describing gives the value as a default.
void read_value(const cursor& at, std::string& into); ///< A host name, made lower case.
void read_value(const cursor& at, std::filesystem::path& into);
void read_value(const cursor& at, ip_address& into);
void read_value(const cursor& at, std::optional<ip_address>& into);
void read_value(const cursor& at, endpoint& into);
void read_value(const cursor& at, std::optional<endpoint>& into);
void read_value(const cursor& at, ip_prefix& into);
void read_value(const cursor& at, port_range& into);
void read_value(const cursor& at, secret_source& into);
void read_value(const cursor& at, service_set& into);
void read_word(const cursor& at, std::span<const std::string_view> words, std::size_t& index);

void read_realm(const cursor& at, std::string& into);
void read_count(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most);
void read_bytes(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most);
void read_rate(const cursor& at, rate& into, std::uint32_t least, std::uint32_t most);
void read_duration(const cursor& at, std::chrono::milliseconds& into, std::chrono::milliseconds least,
                   std::chrono::milliseconds most);

[[nodiscard]] value_description describe_value(const std::string&);
[[nodiscard]] value_description describe_value(const std::filesystem::path&);
[[nodiscard]] value_description describe_value(const ip_address&);
[[nodiscard]] value_description describe_value(const std::optional<ip_address>&);
[[nodiscard]] value_description describe_value(const endpoint&);
[[nodiscard]] value_description describe_value(const std::optional<endpoint>&);
[[nodiscard]] value_description describe_value(const ip_prefix&);
[[nodiscard]] value_description describe_value(const port_range& fallback);
[[nodiscard]] value_description describe_value(const secret_source&);
[[nodiscard]] value_description describe_value(const service_set&);

template <word Value>
void read_value(const cursor& at, Value& into) {
  constexpr auto& table = words_of<Value>::table;
  std::array<std::string_view, table.size()> words;
  std::ranges::transform(table, words.begin(), [](const auto& row) { return row.first; });
  auto index = table.size();
  read_word(at, words, index);
  if (index != table.size())
    into = table[index].second;
}

template <word Value>
value_description describe_value(const Value& fallback) {
  value_description made{.what = std::is_same_v<Value, bool> ? value_kind::flag : value_kind::word};
  for (const auto& [text, value] : words_of<Value>::table) {
    made.words.emplace_back(text);
    if (value == fallback)
      made.fallback = text;
  }
  return made;
}

template <section Section>
value_description describe_value(const Section& fallback) {
  value_description made{.what = value_kind::section};
  for (const auto& row : keys_of<Section>::table) {
    auto value = row.holds.describe(fallback);
    if (row.name.empty())
      std::ranges::move(value.keys, std::back_inserter(made.keys));
    else
      made.keys.push_back({std::string{row.name}, row.must, row.by, std::string{row.meaning},
                           std::string{row.otherwise}, std::string{row.risk}, std::move(value)});
  }
  return made;
}

/// The keys of one table, unknown ones ignored.
template <section Section>
void read_rows(const cursor& at, Section& into) {
  for (const auto& row : keys_of<Section>::table)
    if (row.name.empty())
      row.holds.read(at, into);
    else if (const auto* child = at.at().find(row.name))
      row.holds.read(at.key(*child), into);
    else if (row.must == presence::required)
      at.refuse_missing(row.name);
}

/// Reads every key of a section, in its table's order; says which keys are unknown, and which are missing.
template <section Section>
void read_value(const cursor& at, Section& into) {
  if (!at.is_section())
    return;
  read_rows(at, into);
  const auto known = describe_value(Section{}).keys;
  std::vector<std::string_view> names(known.size());
  std::ranges::transform(known, names.begin(), &key_description::name);
  for (const auto& child : at.at().children)
    if (std::ranges::find(names, child.key) == names.end())
      at.refuse_unknown(child, names);
}

template <class Value>
void read_list(const cursor& at, std::vector<Value>& into, std::size_t items_max) {
  if (!at.is_list(items_max))
    return;
  for (std::size_t i = 0; i < at.at().children.size(); ++i)
    read_value(at.item(at.at().children[i], i), into.emplace_back());
}

template <class Value>
void compare_values(const Value& one, const Value& other, renewal by, const std::string& path,
                    std::vector<std::string>& into) {
  if (by == renewal::restart && one != other)
    into.push_back(path);
}

template <section Section>
void compare_values(const Section& one, const Section& other, renewal, const std::string& path,
                    std::vector<std::string>& into) {
  for (const auto& row : keys_of<Section>::table) {
    const auto* dot = path.empty() || row.name.empty() ? "" : ".";
    row.holds.compare(one, other, row.by, (path + dot).append(row.name), into);
  }
}

} // namespace sallyport::config
