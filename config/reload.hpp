#pragma once
#include <string>
#include <vector>

#include "config/model.hpp"

namespace sallyport::config {

/// The keys in which two configurations differ and which a running node cannot change, in the order of the file.
[[nodiscard]] std::vector<std::string> keys_for_restart(const model& running, const model& read);

} // namespace sallyport::config
