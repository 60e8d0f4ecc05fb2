#pragma once
#include <string>

namespace sallyport::config {

/// What a file may hold as a JSON Schema (draft 2020-12), for editors and for what makes files. It refuses nothing that
/// `load` takes as YAML writes it plainly; `check` refuses more: what values mean to each other, and bounds of values
/// with a unit, which stand in `x-least` and `x-most`. Also there: `x-default` (a default in words), `x-renewed-by`,
/// `x-risk` (of leaving the default).
[[nodiscard]] std::string json_schema();

} // namespace sallyport::config
