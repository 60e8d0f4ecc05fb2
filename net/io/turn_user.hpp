#pragma once
#include "net/turn/decision.hpp"

namespace sallyport::io {

/// What stands behind one lane's TURN: it keeps the actor of each allocation. All calls come on the lane. Each event is
/// answered once, by `turn_endpoint::settle`, from within the call or later. A call that throws ends its allocation.
class turn_user {
public:
  /// A new allocation: make its actor and hand it this.
  virtual void on_open(const turn::allocation_id& id, turn::allocation_event&& first) = 0;
  /// A request of its client, or its deadline.
  virtual void on_event(const turn::allocation_id& id, turn::allocation_event&& event) = 0;
  /// Once for each `on_open`, whatever has ended it: no event comes any more, answers on their way are ignored.
  virtual void on_ended(const turn::allocation_id& id) = 0;

protected:
  ~turn_user() = default;
};

} // namespace sallyport::io
