#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/cursor.hpp"
#include "config/model.hpp"

/// How a table of keys fills a struct: every section of the file is one table in `keys.cpp`, a row a key.
namespace sallyport::config {

enum class presence : std::uint8_t { required, optional };

template <class Section>
struct key {
  std::string_view name;
  presence must;
  void (*read)(const cursor& at, Section& into);
};

// What a value may be. Each leaves `into` as it was when it refuses.
void read_value(const cursor& at, bool& into);
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
void read_value(const cursor& at, transport& into);
void read_value(const cursor& at, site_kind& into);
void read_value(const cursor& at, log_level& into);

void read_realm(const cursor& at, std::string& into);
void read_count(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most);
void read_bytes(const cursor& at, std::size_t& into, std::uint64_t least, std::uint64_t most);
void read_rate(const cursor& at, rate& into, std::uint32_t least, std::uint32_t most);
void read_duration(const cursor& at, std::chrono::milliseconds& into, std::chrono::milliseconds least,
                   std::chrono::milliseconds most);

/// The table of a section: `static constexpr key<Section> table[]`, specialised for each in `keys.cpp`.
template <class Section>
struct keys_of;

template <class Value>
concept section = requires {
  keys_of<Value>::table;
};

/// Reads every key of a section, in its table's order; says which keys are unknown, and which are missing.
template <section Section>
void read_value(const cursor& at, Section& into) {
  if (!at.is_section())
    return;
  const std::span<const key<Section>> table{keys_of<Section>::table};
  for (const auto& row : table)
    if (const auto* child = at.at().find(row.name))
      row.read(at.key(*child), into);
    else if (row.must == presence::required)
      at.refuse_missing(row.name);

  std::vector<std::string_view> known(table.size());
  std::ranges::transform(table, known.begin(), &key<Section>::name);
  for (const auto& child : at.at().children)
    if (std::ranges::find(known, child.key) == known.end())
      at.refuse_unknown(child, known);
}

template <class Value>
void read_list(const cursor& at, std::vector<Value>& into, std::size_t items_max) {
  if (!at.is_list(items_max))
    return;
  for (std::size_t i = 0; i < at.at().children.size(); ++i)
    read_value(at.item(at.at().children[i], i), into.emplace_back());
}

// The rows of a table are these, by the member they fill.
template <auto Member>
struct member_of;
template <class Section, class Value, Value Section::*Member>
struct member_of<Member> {
  using owner = Section;
};

template <auto Member>
void value(const cursor& at, typename member_of<Member>::owner& into) {
  read_value(at, into.*Member);
}
template <auto Member, std::size_t ItemsMax>
void list(const cursor& at, typename member_of<Member>::owner& into) {
  read_list(at, into.*Member, ItemsMax);
}
template <auto Member, std::uint64_t Least, std::uint64_t Most>
void count(const cursor& at, typename member_of<Member>::owner& into) {
  read_count(at, into.*Member, Least, Most);
}
template <auto Member, std::uint64_t Least, std::uint64_t Most>
void bytes(const cursor& at, typename member_of<Member>::owner& into) {
  read_bytes(at, into.*Member, Least, Most);
}
template <auto Member, std::uint32_t Least, std::uint32_t Most>
void per_second(const cursor& at, typename member_of<Member>::owner& into) {
  read_rate(at, into.*Member, Least, Most);
}
/// Bounds in milliseconds.
template <auto Member, std::int64_t Least, std::int64_t Most>
void duration(const cursor& at, typename member_of<Member>::owner& into) {
  read_duration(at, into.*Member, std::chrono::milliseconds{Least}, std::chrono::milliseconds{Most});
}

} // namespace sallyport::config
