#include "tests/bench/sip_load/latency.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace sallyport::bench {

void latency::answered_after(duration waited) {
  for (; waited > duration::zero(); waited -= pace_)
    milliseconds_.push_back(std::chrono::duration<double, std::milli>{waited}.count());
}

std::string latency::take_json() {
  std::ranges::sort(milliseconds_);
  const auto at = [this](double part) {
    return milliseconds_.empty()
             ? 0.0
             : milliseconds_[static_cast<std::size_t>(part * static_cast<double>(milliseconds_.size() - 1))];
  };
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), R"({"count": %zu, "p50": %.2f, "p99": %.2f, "max": %.2f})",
                milliseconds_.size(), at(0.5), at(0.99), at(1.0));
  milliseconds_.clear();
  return text.data();
}

} // namespace sallyport::bench
