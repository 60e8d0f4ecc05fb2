#pragma once
#include <chrono>

#include "net/io/lane.hpp"

namespace sallyport::test {

using namespace std::chrono_literals;

/// Turns what the test drives until `is_done`, for at most 10 s of real time; says whether it came to that.
template <class Condition, class Turn>
[[nodiscard]] bool turn_until(Condition&& is_done, Turn&& turn) {
  const auto give_up = std::chrono::steady_clock::now() + 10s;
  while (!is_done()) {
    if (std::chrono::steady_clock::now() > give_up)
      return false;
    turn();
  }
  return true;
}

/// The same where others turn by themselves: asks again and again.
template <class Condition>
[[nodiscard]] bool comes_true(Condition&& is_done) {
  return turn_until(is_done, [] {});
}

/// Turns a lane until nothing more is ready.
inline void spin(io::lane& lane) {
  for (int turn = 0; turn < 100'000 && lane.run_once(2ms) > 0; ++turn)
    ;
}

} // namespace sallyport::test
