#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::config {

/// Where a value was written: a line and column of the file (from 1), or an override in the environment. A value that
/// was not written anywhere (a default, a file that could not be opened) has neither.
struct position {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string variable;

  friend bool operator==(const position&, const position&) = default;
};

/// Something the operator has to change. `path` is the key ("access.outside.listen[0]"), empty for the file itself.
/// No message ever holds a secret.
struct problem {
  position where;
  std::string path;
  std::string message;

  friend bool operator==(const problem&, const problem&) = default;
};

using problems = std::vector<problem>;

/// Past this many the rest is not collected: the file is not a configuration.
inline constexpr std::size_t problems_max = 200;

/// Where every key that was given stands.
class positions {
public:
  void remember(std::string path, position where);
  /// Of the key, or of the innermost section around it that was written at all.
  [[nodiscard]] position of(std::string_view path) const;
  [[nodiscard]] bool holds(std::string_view path) const { return places_.contains(path); }
  [[nodiscard]] problem at(std::string path, std::string message) const;

private:
  std::map<std::string, position, std::less<>> places_;
};

/// One line a problem, `FILE:LINE:COLUMN: key: message`, in the order of the file; overrides last, by their names.
[[nodiscard]] std::string render(std::string_view file, problems found);

/// For messages: `text` in quotes, cut to a length one can read, with nothing a terminal would obey.
[[nodiscard]] std::string quote(std::string_view text, std::size_t shown_max = 60);
/// The same of a path, which is of no use when it is cut.
[[nodiscard]] inline std::string quote_path(std::string_view path) {
  return quote(path, 4'096);
}

} // namespace sallyport::config
