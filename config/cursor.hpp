#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/problem.hpp"
#include "config/tree.hpp"

namespace sallyport::config {

/// What one load gathers on its way through the tree.
struct load_state {
  std::filesystem::path folder; ///< Relative paths of the file start here.
  positions where;
  problems found;
};

/// One value of the tree on its way into the model: knows its path, and where to say what is wrong with it.
class cursor {
public:
  cursor(const node& at, load_state& state) : at_{&at}, state_{&state} {}

  [[nodiscard]] const node& at() const noexcept { return *at_; }
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return state_->folder; }

  [[nodiscard]] cursor key(const node& child) const;                     ///< `child` is a value of this section.
  [[nodiscard]] cursor item(const node& child, std::size_t index) const; ///< `child` is a value of this list.
  /// The same place, in a section that nothing reads: what is there must make sense, what is not there is not missed.
  [[nodiscard]] cursor unused() const;

  void refuse(std::string message) const;
  void refuse_missing(std::string_view name) const;
  void refuse_unknown(const node& child, std::span<const std::string_view> known) const;

  /// The text of a scalar. Otherwise nothing, and it is said that `wanted` belongs here ("an address").
  [[nodiscard]] std::optional<std::string_view> text(std::string_view wanted) const;
  /// Whether this is a section (one with no keys counts); says so when not.
  [[nodiscard]] bool is_section() const;
  /// Whether this is a list of at most `items_max`; says so when not.
  [[nodiscard]] bool is_list(std::size_t items_max) const;

private:
  cursor(const cursor& parent, const node& at, std::string path);
  [[nodiscard]] position where() const;
  void add(problem found) const;

  const node* at_;
  load_state* state_;
  std::string path_;
  bool unused_ = false;
};

} // namespace sallyport::config
