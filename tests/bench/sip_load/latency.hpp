#pragma once
#include <string>
#include <vector>

#include "tests/bench/sip_load/loop.hpp"

namespace sallyport::bench {

/// How long questions that are due at a steady pace waited for their answers. Only one is under way at a time: where an
/// answer is late, those that were due meanwhile count as late as they would have been, else a long pause is one value.
class latency {
public:
  explicit latency(duration pace) : pace_{pace} {}

  void answered_after(duration waited);
  /// {"count": …, "p50": …, "p99": …, "max": …} in milliseconds; begins anew.
  std::string take_json();

private:
  duration pace_;
  std::vector<double> milliseconds_;
};

} // namespace sallyport::bench
