#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.hpp"

namespace sallyport::config {

// What a file may be before anyone asks what it means.
inline constexpr std::size_t file_bytes_max = 1'024 * 1'024;
inline constexpr std::size_t tree_depth_max = 12;
inline constexpr std::size_t tree_nodes_max = 20'000;
inline constexpr std::size_t section_keys_max = 200;
inline constexpr std::size_t scalar_bytes_max = 4'096;

/// A YAML value as it was written: the configuration before it has a meaning. Scalars stay text: what `5s` or `no` is
/// depends on the key. `key` is this value's name inside its parent map.
struct node {
  enum class kind { null, scalar, list, map };

  kind what = kind::null;
  std::string key;
  position key_where;
  std::string text;
  position where;
  std::vector<node> children;

  [[nodiscard]] const node* find(std::string_view name) const;
  [[nodiscard]] node* find(std::string_view name);
};

/// Reads one YAML 1.2 document. Aliases, tags and second documents are refused: a configuration needs none, and an
/// alias is how a small file becomes a large one. Problems are added to `found`; nothing is returned when what was read
/// cannot be used at all. Never throws.
[[nodiscard]] std::optional<node> parse_tree(std::string_view text, problems& found);

} // namespace sallyport::config
