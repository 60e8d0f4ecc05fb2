#pragma once
#include <string>
#include <vector>

#include "config/model.hpp"
#include "config/problem.hpp"
#include "config/surroundings.hpp"
#include "config/turn_users.hpp"

namespace sallyport::config {

/// Who may ask for relays: what `av.users` and `av.secrets` name, read.
struct turn_credentials {
  std::vector<turn_user> users;
  std::vector<std::string> secrets; ///< In the order of `av.secrets`; each signs passwords as it stands.
  friend bool operator==(const turn_credentials&, const turn_credentials&) = default;
};

/// Reads them; with no section `av`, or none of both named, they are empty. Every problem at once, none of which shows
/// a secret or a key.
[[nodiscard]] result<turn_credentials, problems> read_turn_credentials(const model& value, const positions& where,
                                                                       const surroundings& around);

} // namespace sallyport::config
