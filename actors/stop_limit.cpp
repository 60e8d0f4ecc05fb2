#include "actors/stop_limit.hpp"

#include <cstdlib>
#include <utility>

#include "net/io/log.hpp"

namespace sallyport::actors {

void end_process(std::string_view reason) {
  log::critical("stopped short reason=\"{}\"", reason);
  log::flush();
  std::_Exit(EXIT_FAILURE);
}

stop_limit::stop_limit(std::function<void()> at_last) : at_last_{std::move(at_last)}, thread_{[this] { run(); }} {}

stop_limit::~stop_limit() {
  {
    const std::lock_guard guard{mutex_};
    has_ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void stop_limit::begin(milliseconds longest) {
  {
    const std::lock_guard guard{mutex_};
    longest_ = longest;
  }
  changed_.notify_all();
}

void stop_limit::run() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return has_ended_ || longest_ != milliseconds::max(); });
  if (!has_ended_ && !changed_.wait_for(lock, longest_, [this] { return has_ended_; }))
    at_last_();
}

} // namespace sallyport::actors
