#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "net/core/time.hpp"

namespace sallyport::actors {

/// Ends the process at once, with exit code 1 and a line of the log that says why.
[[noreturn]] void end_process(std::string_view reason);

/// Bounds how long a process takes to stop, whatever holds it up: the last resort. Its thread is there from the
/// beginning, for there may be none to be had later.
class stop_limit {
public:
  /// `at_last`: called on a thread of its own when it comes to that. Throws std::system_error when there is no thread.
  explicit stop_limit(std::function<void()> at_last = [] { end_process("it took too long"); });
  /// It has stopped.
  ~stop_limit();
  stop_limit(const stop_limit&) = delete;
  stop_limit& operator=(const stop_limit&) = delete;

  /// From now on there is `longest`.
  void begin(milliseconds longest);

private:
  void run();

  const std::function<void()> at_last_;
  std::mutex mutex_;
  std::condition_variable changed_;
  milliseconds longest_ = milliseconds::max(); ///< Not begun.
  bool has_ended_ = false;
  std::thread thread_;
};

} // namespace sallyport::actors
