#pragma once
#include <cstddef>
#include <list>

#include "net/io/counters.hpp"

namespace sallyport::io {

class stream;

/// The connections of one lane that have to prove themselves and have not (or no longer do), in the order in which that
/// began: whose place a new one takes when there is no other.
class unproved_streams {
public:
  using place = std::list<stream*>::iterator;

  explicit unproved_streams(counter& gauge) noexcept : gauge_{gauge} {}

  [[nodiscard]] place add(stream& one) {
    gauge_.add();
    return oldest_first_.insert(oldest_first_.end(), &one);
  }
  void remove(place of) {
    gauge_.subtract();
    oldest_first_.erase(of);
  }

  [[nodiscard]] std::size_t size() const noexcept { return oldest_first_.size(); }
  /// Null: there is none.
  [[nodiscard]] stream* oldest() const noexcept { return oldest_first_.empty() ? nullptr : oldest_first_.front(); }

private:
  std::list<stream*> oldest_first_;
  counter& gauge_;
};

} // namespace sallyport::io
