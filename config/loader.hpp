#pragma once
#include <filesystem>
#include <string_view>

#include "config/model.hpp"
#include "config/overrides.hpp"
#include "config/problem.hpp"

namespace sallyport::config {

/// What a configuration is made of. Nothing else is looked at: `load` opens no file and reads no environment.
struct source {
  std::string_view text;
  std::filesystem::path folder; ///< Of the file: relative paths in it start here.
  const environment& variables; ///< The process's; only names that begin with SALLYPORT_ matter.
};

struct loaded {
  model value;
  positions where;
  problems found; ///< Empty: `value` is all the file says. Else what was refused has its default in `value`.
};

/// Reads the whole configuration and finds every problem a value has by itself; what values mean to each other is
/// `validate`'s to judge, also when there are problems here. Never throws.
[[nodiscard]] loaded load(const source& from);

} // namespace sallyport::config
