#include "actors/spare_threads.hpp"

#include <latch>
#include <system_error>
#include <thread>
#include <vector>

#include "net/core/undo.hpp"

namespace sallyport::actors {

void require_threads(std::size_t count) {
  std::latch enough{1};
  std::vector<std::jthread> all;
  all.reserve(count);
  const undo let_go{[&enough] { enough.count_down(); }}; // However this ends, before they are waited for.
  try {
    while (all.size() < count)
      all.emplace_back([&enough] { enough.wait(); });
  } catch (const std::system_error& error) {
    throw std::system_error{error.code(), "cannot start threads"};
  }
}

} // namespace sallyport::actors
