#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "net/io/inbox.hpp"
#include "net/io/lane.hpp"

namespace sallyport::io {

/// One lane's end of an inbox that it watches: takes its orders in their order, as many in a turn as the share of the
/// lane's time allows. Each order is guarded by itself: one that throws takes none of the others with it.
template <class Order>
class inbox_reader {
public:
  /// Both outlive this.
  inbox_reader(lane& home, inbox<Order>& from) : lane_{home}, inbox_{from} {}

  /// From the handler of `inbox::wake_fd`. Calls `take(Order&)`.
  template <class Take>
  void read(Take&& take) {
    if (next_ == taken_.size()) {
      next_ = 0;
      inbox_.take(taken_);
    }
    while (next_ < taken_.size()) {
      auto order = std::move(taken_[next_++]); // What it held goes with it, not with the batch.
      lane_.guarded([&] { take(order); });
      if (next_ < taken_.size() && !lane_.has_time()) // The kernel does not know of these.
        return lane_.ready_again(inbox_.wake_fd());
    }
  }

private:
  lane& lane_;
  inbox<Order>& inbox_;
  std::vector<Order> taken_;
  std::size_t next_ = 0; // Of those taken.
};

} // namespace sallyport::io
