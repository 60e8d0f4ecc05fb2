#pragma once
#include <cstdint>
#include <string>

namespace sallyport::config {

/// Where a secret is: never the secret itself.
struct secret_source {
  enum class kind : std::uint8_t { file, variable };
  kind from = kind::file;
  std::string name; ///< An absolute path, or the name of a variable.
  friend bool operator==(const secret_source&, const secret_source&) = default;
};

} // namespace sallyport::config
