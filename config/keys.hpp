#pragma once
#include "config/cursor.hpp"
#include "config/model.hpp"

namespace sallyport::config {

/// Fills `into` from the root of a file. The tables behind it are the list of every key there is.
void read_model(const cursor& root, model& into);

} // namespace sallyport::config
