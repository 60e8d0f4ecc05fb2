#pragma once
#include <variant>

#include "net/turn/allocation.hpp"
#include "net/turn/server.hpp"

namespace sallyport::actors {

/// An allocation's answer to one event: the reply's code and the rows, together.
struct allocation_outcome {
  turn::allocation_id allocation;
  turn::allocation_answer answer;
};

/// The actor of an allocation is gone, whatever the reason.
struct allocation_gone {
  turn::allocation_id allocation;
};

/// What waits in the inbox of a lane's allocations.
using allocation_order = std::variant<allocation_outcome, allocation_gone>;

} // namespace sallyport::actors
