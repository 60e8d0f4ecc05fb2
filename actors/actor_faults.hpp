#pragma once
#include <caf/error.hpp>

#include <exception>

namespace sallyport::actors {

/// What an actor ends with that has thrown, for its `set_exception_handler`: its supervisor logs it. CAF's own handler
/// writes it to standard error besides, past the log, and waits for who reads there.
[[nodiscard]] caf::error fault_of(std::exception_ptr& thrown);

} // namespace sallyport::actors
