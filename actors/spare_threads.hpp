#pragma once
#include <cstddef>

namespace sallyport::actors {

/// Has so many threads at once, and ends them again. Throws std::system_error where the host has fewer to give.
void require_threads(std::size_t count);

} // namespace sallyport::actors
