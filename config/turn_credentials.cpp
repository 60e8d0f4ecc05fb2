#include "config/turn_credentials.hpp"

#include <algorithm>

#include "config/secrets.hpp"

namespace sallyport::config {

namespace {

/// One reading of both: what was found goes to `read`, what is wrong to `found`.
struct reading {
  const positions& where;
  const surroundings& around;
  turn_credentials read;
  problems found;

  void refuse(std::string path, std::string message) { found.push_back(where.at(std::move(path), std::move(message))); }

  void read_users(const std::filesystem::path& file) {
    const auto shown = quote_path(file.string());
    const auto content = around.read_file(file);
    if (!content)
      return refuse("av.users", shown + " cannot be read: " + content.error());
    // A key in it is as good as the password (RFC 8489, 9.2.2).
    if (content->is_open_to_everyone())
      return refuse("av.users", shown + " is open to every user of the host: take that right away (chmod o= FILE)");
    auto users = parse_turn_users(content->bytes);
    if (users)
      read.users = std::move(*users);
    else
      for (const auto& [line, message] : users.error())
        refuse("av.users",
               std::string{shown}.append(" line ").append(std::to_string(line)).append(": ").append(message));
  }

  void read_secrets(const std::vector<secret_source>& sources) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (sources[i].name.empty()) // The loader has refused it.
        continue;
      const auto path = "av.secrets[" + std::to_string(i) + "]";
      auto text = read_turn_secret(sources[i], around);
      if (!text)
        refuse(path, text.error());
      else if (std::ranges::count(read.secrets, *text) != 0)
        refuse(path, "is the same secret as the other: a rotation needs two different ones");
      else
        read.secrets.push_back(std::move(*text));
    }
  }
};

} // namespace

result<turn_credentials, problems> read_turn_credentials(const model& value, const positions& where,
                                                         const surroundings& around) {
  reading both{where, around, {}, {}};
  if (value.av && !value.av->users.empty())
    both.read_users(value.av->users);
  if (value.av)
    both.read_secrets(value.av->secrets);
  if (!both.found.empty())
    return fail(std::move(both.found));
  return std::move(both.read);
}

} // namespace sallyport::config
