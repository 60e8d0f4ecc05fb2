#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// Cuts one comma-separated list. Commas in quoted strings and between `<>` do not separate. A quote or `<` that is
/// never closed makes the rest one value, which its own parser then refuses. Empty values are handed out, not skipped,
/// since no list of ours may hold one; an empty list has none.
class list_cursor {
public:
  explicit list_cursor(std::string_view list) noexcept;

  /// Trimmed.
  [[nodiscard]] std::optional<std::string_view> next() noexcept;

private:
  std::string_view rest_;
  bool done_ = false;
};

/// All values of all fields of one name, top to bottom (RFC 3261, 7.3.1: two fields mean the same as one with a comma).
/// `for (value_cursor hops{message, header_id::via}; auto hop = hops.next();)`
class value_cursor {
public:
  value_cursor(const message_view& message, header_id id) noexcept;

  [[nodiscard]] std::optional<std::string_view> next() noexcept;
  /// The field of the value handed out last: an index into `message.headers()`.
  [[nodiscard]] std::size_t field_index() const noexcept;

private:
  const message_view* message_;
  const header_field* field_; ///< Null: there is none of that name.
  list_cursor list_;
};

/// The topmost value of a list header, nothing when there is none.
[[nodiscard]] std::optional<std::string_view> first_value(const message_view& message, header_id id) noexcept;
/// How many comma-separated values all fields of that name hold together.
[[nodiscard]] std::size_t count_values(const message_view& message, header_id id) noexcept;

} // namespace sallyport::sip
