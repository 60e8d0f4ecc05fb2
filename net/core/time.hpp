#pragma once
#include <chrono>

namespace sallyport {

/// The one clock of deadlines. A lane reads it once per loop turn and hands it down; nothing else reads it.
using time_point = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;
using std::chrono::seconds;

} // namespace sallyport
