#pragma once
#include <map>
#include <string>

#include "config/tree.hpp"

namespace sallyport::config {

using environment = std::map<std::string, std::string>;

/// Lays every variable named `SALLYPORT_A__B` over the key `a.b` of the file, before anything is given a meaning: so an
/// override is judged exactly as if it stood in the file, an unknown name included. `__0` is the first value of a list,
/// and one past the last adds one. A value in `[...]` or `{...}` is a YAML list or section; any other is plain text.
void apply_overrides(node& root, const environment& variables, problems& found);

} // namespace sallyport::config
