#pragma once
#include <vector>

namespace sallyport::io {

/// The cores of the process's affinity mask, in order: one lane each. Never empty.
[[nodiscard]] std::vector<int> usable_cores();

/// Pins the calling thread. False when the kernel refuses (a core outside the container's set).
bool pin_this_thread(int core) noexcept;

} // namespace sallyport::io
