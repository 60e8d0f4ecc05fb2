#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace sallyport::bench {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;

/// One thread's events: descriptors by epoll (level-triggered) and timers. Whatever it calls may watch, forget, set
/// timers and stop it.
class loop {
public:
  using handler = std::function<void(std::uint32_t events)>;
  using timer = std::pair<time_point, std::uint64_t>;

  loop();
  ~loop();
  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  void watch(int descriptor, std::uint32_t events, handler then);
  void change(int descriptor, std::uint32_t events);
  void forget(int descriptor);

  timer after(duration wait, std::function<void()> then);
  void cancel(const timer& which) { timers_.erase(which); }

  /// Keeps `thing` until the events at hand have been handled: who is being called may give himself up.
  void retire(std::shared_ptr<void> thing) { retired_.push_back(std::move(thing)); }

  void run();
  void stop() { stopped_ = true; }

private:
  struct watched {
    std::uint32_t generation; ///< Tells an event of a descriptor from one of its number's former holder.
    std::shared_ptr<handler> then;
  };

  [[nodiscard]] int milliseconds_to_wait() const;
  void dispatch(std::uint64_t tag, std::uint32_t events);
  void expire();

  int epoll_;
  bool stopped_ = false;
  std::uint32_t generations_ = 0;
  std::uint64_t timers_made_ = 0;
  std::unordered_map<int, watched> watched_;
  std::map<timer, std::function<void()>> timers_;
  std::vector<std::shared_ptr<void>> retired_;
};

} // namespace sallyport::bench
