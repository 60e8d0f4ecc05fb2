#pragma once
#include "net/core/time.hpp"

namespace sallyport::io {

/// What both clocks say now.
[[nodiscard]] moment read_clocks() noexcept;

} // namespace sallyport::io
