#include "config/turn_users.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "config/problem.hpp"
#include "config/utf8.hpp"

namespace sallyport::config {

namespace {

using key_bytes = decltype(turn_user::key);

std::optional<key_bytes> parse_key(std::string_view text) {
  key_bytes key;
  if (text.size() != 2 * key.size())
    return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const auto* digits = text.data() + 2 * i;
    if (std::from_chars(digits, digits + 2, key[i], 16).ptr != digits + 2)
      return std::nullopt;
  }
  return key;
}

/// A space is more often a slip of the editor than part of a name.
bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= turn_name_bytes_max && first_unprintable(text) == std::string_view::npos &&
         text.find_first_of(" \t\r") == std::string_view::npos;
}

/// The text before the next `end`, which is taken off `rest` with it.
std::string_view take_until(std::string_view& rest, char end) {
  const auto cut = rest.find(end);
  const auto taken = rest.substr(0, cut);
  rest.remove_prefix(cut == std::string_view::npos ? rest.size() : cut + 1);
  return taken;
}

result<turn_user, std::string> parse_line(std::string_view line) {
  const bool has_identity = std::ranges::count(line, ':') > 1;
  auto rest = line;
  const auto name = take_until(rest, ':');
  const auto key = parse_key(take_until(rest, ':'));
  // The line is not shown: it may be a password that should have been hashed.
  if (!is_name(name))
    return fail("does not begin with a name of 1 to " + std::to_string(turn_name_bytes_max) +
                " bytes without spaces and a colon");
  if (!key)
    return fail("has no key of 32 hexadecimal digits after the name of " + quote(name));
  if (has_identity && !is_name(rest))
    return fail("has an identity that is empty, too long, or holds spaces, for " + quote(name));
  return turn_user{std::string{name}, *key, std::string{rest}};
}

} // namespace

result<std::vector<turn_user>, std::vector<turn_users_problem>> parse_turn_users(std::string_view text) {
  std::vector<turn_user> users;
  std::vector<turn_users_problem> found;
  std::map<std::string, std::size_t, std::less<>> line_of;
  for (std::size_t line = 1; !text.empty() && found.size() < problems_max; ++line) {
    auto content = take_until(text, '\n');
    if (content.ends_with('\r'))
      content.remove_suffix(1);
    if (content.empty() || content.starts_with('#'))
      continue;
    auto user = parse_line(content);
    if (!user) {
      found.push_back({line, std::move(user.error())});
      continue;
    }
    if (const auto [first, is_new] = line_of.try_emplace(user->name, line); !is_new) {
      found.push_back(
        {line, "names " + quote(user->name) + ", as line " + std::to_string(first->second) + " does already"});
      continue;
    }
    if (users.size() == turn_users_max) {
      found.push_back({line, "is one user too many: the limit is " + std::to_string(turn_users_max)});
      break;
    }
    users.push_back(std::move(*user));
  }
  if (!found.empty())
    return fail(std::move(found));
  return users;
}

} // namespace sallyport::config
