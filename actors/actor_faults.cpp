#include "actors/actor_faults.hpp"

#include <caf/sec.hpp>

#include <string>

namespace sallyport::actors {

caf::error fault_of(std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return caf::make_error(caf::sec::runtime_error, std::string{error.what()});
  } catch (...) {
    return caf::sec::runtime_error;
  }
}

} // namespace sallyport::actors
