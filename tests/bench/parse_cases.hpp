#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::bench {

/// One row of the report.
struct parse_case {
  std::string_view name;
  double gate;                       ///< The ratio to reach.
  double aim_us;                     ///< The absolute aim.
  std::vector<std::string> messages; ///< Alike, with names and numbers of several lengths.
};

[[nodiscard]] std::vector<parse_case> parse_cases();

} // namespace sallyport::bench
