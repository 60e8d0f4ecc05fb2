#include "config/problem.hpp"

#include <algorithm>
#include <tuple>

namespace sallyport::config {

void positions::remember(std::string path, position where) {
  places_.insert_or_assign(std::move(path), std::move(where));
}

position positions::of(std::string_view path) const {
  while (true) {
    if (const auto found = places_.find(path); found != places_.end())
      return found->second;
    if (path.empty())
      return {};
    const auto cut = path.find_last_of(".[");
    path = path.substr(0, cut == std::string_view::npos ? 0 : cut);
  }
}

problem positions::at(std::string path, std::string message) const {
  auto where = of(path);
  return {std::move(where), std::move(path), std::move(message)};
}

std::string render(std::string_view file, problems found) {
  std::ranges::stable_sort(found, {}, [](const problem& each) {
    return std::tie(each.where.variable, each.where.line, each.where.column, each.path);
  });
  std::string text;
  for (const auto& [where, path, message] : found) {
    text += where.variable.empty() ? file : where.variable;
    if (where.line != 0)
      text += ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
    text += ": ";
    if (!path.empty())
      text += path + ": ";
    text += message + "\n";
  }
  return text;
}

std::string quote(std::string_view text, std::size_t shown_max) {
  std::string quoted{text.substr(0, shown_max)};
  std::ranges::replace_if(
    quoted, [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return "'" + quoted + (text.size() > shown_max ? "...'" : "'");
}

} // namespace sallyport::config
