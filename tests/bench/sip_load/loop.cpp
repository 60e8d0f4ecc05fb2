#include "tests/bench/sip_load/loop.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

namespace sallyport::bench {
namespace {

std::uint64_t tag_of(int descriptor, std::uint32_t generation) {
  return std::uint64_t{generation} << 32 | static_cast<std::uint32_t>(descriptor);
}

} // namespace

loop::loop() : epoll_{::epoll_create1(EPOLL_CLOEXEC)} {
  if (epoll_ < 0)
    throw std::runtime_error{"epoll_create1"};
}

loop::~loop() {
  ::close(epoll_);
}

void loop::watch(int descriptor, std::uint32_t events, handler then) {
  const auto generation = ++generations_;
  epoll_event wanted{.events = events, .data = {.u64 = tag_of(descriptor, generation)}};
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &wanted) != 0)
    throw std::runtime_error{"epoll_ctl"};
  watched_[descriptor] = {generation, std::make_shared<handler>(std::move(then))};
}

void loop::change(int descriptor, std::uint32_t events) {
  epoll_event wanted{.events = events, .data = {.u64 = tag_of(descriptor, watched_.at(descriptor).generation)}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &wanted);
}

void loop::forget(int descriptor) {
  if (watched_.erase(descriptor) != 0)
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

loop::timer loop::after(duration wait, std::function<void()> then) {
  const timer made{clock::now() + wait, ++timers_made_};
  timers_.emplace(made, std::move(then));
  return made;
}

void loop::run() {
  std::array<epoll_event, 256> came{};
  while (!stopped_) {
    const int count = ::epoll_wait(epoll_, came.data(), static_cast<int>(came.size()), milliseconds_to_wait());
    if (count < 0 && errno != EINTR)
      throw std::runtime_error{"epoll_wait"};
    for (int index = 0; index < count; ++index)
      dispatch(came[static_cast<std::size_t>(index)].data.u64, came[static_cast<std::size_t>(index)].events);
    expire();
    retired_.clear();
  }
}

int loop::milliseconds_to_wait() const {
  if (timers_.empty())
    return 1000;
  const auto left = timers_.begin()->first.first - clock::now();
  return static_cast<int>(
    std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0, 1000));
}

void loop::dispatch(std::uint64_t tag, std::uint32_t events) {
  const auto found = watched_.find(static_cast<int>(tag & 0xFFFF'FFFFU));
  if (found == watched_.end() || found->second.generation != tag >> 32)
    return;
  const auto then = found->second.then; // It may forget itself.
  (*then)(events);
}

void loop::expire() {
  const auto now = clock::now();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto first = timers_.extract(timers_.begin());
    first.mapped()();
  }
}

} // namespace sallyport::bench
