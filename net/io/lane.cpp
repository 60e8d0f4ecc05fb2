#include "net/io/lane.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <exception>
#include <system_error>
#include <utility>

#include "net/core/fault.hpp"

namespace sallyport::io {

static_assert(ready_to_read == EPOLLIN);
namespace {

constexpr std::size_t read_buffer_bytes = 128 * 1024;

constexpr std::uint64_t token_of(int fd, std::uint32_t generation) {
  return (std::uint64_t{generation} << 32) | static_cast<std::uint32_t>(fd);
}

/// The token of our own eventfd: no descriptor has this number.
constexpr std::uint64_t posts_token = UINT64_MAX;

} // namespace

lane::lane(std::uint8_t index, const lane_limits& limits, clock now, std::shared_ptr<line_budget> strangers)
  : index_{index}, limits_{limits}, clock_{std::move(now)}, now_{clock_()}, posts_{limits.posts_max},
    timers_{now_.boot, limits.timers_max}, read_buffer_(read_buffer_bytes), log_{index, std::move(strangers)} {
  std::signal(SIGPIPE, SIG_IGN);
  fault::point("lane::lane");
  epoll_fd_ = ::epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd_ < 0)
    throw std::system_error{errno, std::generic_category(), "epoll_create1"};
  epoll_event wake{.events = EPOLLIN, .data = {.u64 = posts_token}};
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, posts_.wake_fd(), &wake) != 0) {
    const int error = errno;
    ::close(epoll_fd_);
    throw std::system_error{error, std::generic_category(), "epoll_ctl"};
  }
}

lane::~lane() {
  end_turn();
  ::close(epoll_fd_);
}

bool lane::watch(int fd, std::uint32_t events, io_handler& handler, work kind) {
  assert(fd >= 0);
  const auto place = static_cast<std::size_t>(fd);
  if (place >= watched_.size())
    watched_.resize(std::max(place + 1, watched_.size() * 2));
  auto& entry = watched_[place];
  assert(!entry.handler);
  epoll_event event{.events = events, .data = {.u64 = token_of(fd, entry.generation)}};
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0)
    return false;
  entry.handler = &handler;
  entry.kind = kind;
  return true;
}

void lane::modify(int fd, std::uint32_t events) {
  const auto& entry = watched_.at(static_cast<std::size_t>(fd));
  assert(entry.handler);
  epoll_event event{.events = events, .data = {.u64 = token_of(fd, entry.generation)}};
  if (::epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, fd, &event) != 0)
    throw std::system_error{errno, std::generic_category(), "epoll_ctl"};
}

void lane::becomes(int fd, work kind) {
  watched_.at(static_cast<std::size_t>(fd)).kind = kind;
}

void lane::forget(int fd) {
  auto& entry = watched_.at(static_cast<std::size_t>(fd));
  assert(entry.handler);
  entry.handler = nullptr;
  entry.waits_for = 0;
  ++entry.generation;
  ::epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
}

void lane::ready_again(int fd) {
  const auto& entry = watched_.at(static_cast<std::size_t>(fd));
  assert(entry.handler);
  ready_again_.push_back(token_of(fd, entry.generation));
}

timer_id lane::arm(time_point deadline, timer_handler& handler, std::uint64_t cookie) {
  return timers_.arm(deadline, {&handler, cookie});
}

void lane::run() {
  while (!is_stopping_.load(std::memory_order_acquire))
    run_once(milliseconds::max());
}

void lane::stop() noexcept {
  is_stopping_.store(true, std::memory_order_release);
  posts_.wake();
}

std::size_t lane::run_once(milliseconds wait) {
  // Of one size for the whole process, so that the turn allocates nothing.
  std::array<epoll_event, 1024> events;
  const auto room = static_cast<int>(std::clamp<std::size_t>(limits_.events_per_turn, 1, events.size()));
  const int ready = ::epoll_wait(epoll_fd_, events.data(), room, wait_ms(wait));
  if (ready < 0 && errno != EINTR)
    throw std::system_error{errno, std::generic_category(), "epoll_wait"};
  now_ = clock_();

  bool has_posts = false;
  for (int i = 0; i < ready; ++i) {
    if (events[i].data.u64 == posts_token)
      has_posts = true;
    else // One that finds no place is still ready in the next turn.
      guarded([&] { line_up(events[i].data.u64, events[i].events); });
  }
  for (const auto token : ready_again_)
    guarded([&] { line_up(token, EPOLLIN); });
  ready_again_.clear();
  if (has_posts)
    run_posts();
  std::size_t handled = has_posts ? 1 : 0;
  for (std::size_t kind = 0; kind < work_count; ++kind)
    handled += work_through(static_cast<work>(kind));
  handled += fire_timers();
  if (!deferred_.empty()) // The ends of connections, and what follows from them.
    share_ends_ = clock_().boot + limits_.shares.of[static_cast<std::size_t>(work::streams)];
  end_turn();
  share_ends_ = time_point::max();
  longest_turn_.add(now_.boot, clock_().boot - now_.boot);
  return handled;
}

/// How long epoll may sleep; -1: for ever. It counts no time in which the machine sleeps: what is due then fires in the
/// first turn after.
int lane::wait_ms(milliseconds longest) const {
  const bool is_behind = std::ranges::any_of(lines_, [](const auto& line) { return !line.empty(); });
  if (is_behind || !ready_again_.empty() || !deferred_.empty() || !retired_.empty())
    return 0;
  auto span = longest;
  if (const auto next = timers_.next_deadline())
    // Rounded up: waking just before the tick would only turn the loop again.
    span = std::min(span, std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(*next - clock_().boot)));
  return span == milliseconds::max() ? -1 : static_cast<int>(std::min<std::int64_t>(span.count(), 3'600'000));
}

/// Once in its line, whatever more is heard of it: it has one place there, and one call a turn.
void lane::line_up(std::uint64_t token, std::uint32_t events) {
  auto& entry = watched_[static_cast<std::uint32_t>(token)];
  if (!entry.handler || entry.generation != token >> 32)
    return;
  if (entry.waits_for == 0) {
    fault::point("lane::line_up");
    lines_[static_cast<std::size_t>(entry.kind)].push(token);
  }
  entry.waits_for |= events;
}

/// One call at least, and more while there is time.
std::size_t lane::work_through(work kind) {
  auto& line = lines_[static_cast<std::size_t>(kind)];
  if (line.empty())
    return 0;
  share_ends_ = clock_().boot + limits_.shares.of[static_cast<std::size_t>(kind)];
  std::size_t handled = 0;
  do {
    if (dispatch(line.pop()))
      ++handled;
  } while (!line.empty() && has_time());
  return handled;
}

bool lane::dispatch(std::uint64_t token) {
  auto& entry = watched_[static_cast<std::uint32_t>(token)];
  if (!entry.handler || entry.generation != token >> 32)
    return false;
  guarded([events = std::exchange(entry.waits_for, 0), handler = entry.handler] { handler->on_ready(events); });
  return true;
}

std::size_t lane::fire_timers() {
  auto due = timers_.take_due(now_.boot);
  if (!due)
    return 0;
  share_ends_ = clock_().boot + limits_.shares.timers;
  std::size_t fired = 0;
  while (due) {
    ++fired;
    guarded([&] { due->handler->on_timer(due->cookie); });
    due = has_time() ? timers_.take_due(now_.boot) : std::nullopt;
  }
  return fired;
}

void lane::run_posts() {
  posts_.take(taken_posts_);
  for (const auto& action : taken_posts_)
    guarded(action);
  taken_posts_.clear();
}

void lane::end_turn() {
  // A deferred action may defer and retire more; nothing is deleted while an action may still refer to it.
  while (!deferred_.empty() || !retired_.empty()) {
    while (!deferred_.empty()) {
      std::vector<std::function<void()>> actions;
      actions.swap(deferred_);
      for (const auto& action : actions)
        guarded(action);
    }
    std::vector<retired> gone;
    gone.swap(retired_);
    for (const auto& object : gone)
      object.destroy(object.object);
  }
}

void lane::fail(const std::exception& error) {
  counters_.handler_failures.add();
  log_.failed(now_.boot, error.what());
}

} // namespace sallyport::io
