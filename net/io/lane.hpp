#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "net/core/time.hpp"
#include "net/core/timer_wheel.hpp"
#include "net/io/clocks.hpp"
#include "net/io/counters.hpp"
#include "net/io/datagram_batch.hpp"
#include "net/io/event_log.hpp"
#include "net/io/handlers.hpp"
#include "net/io/inbox.hpp"
#include "net/io/recent_longest.hpp"
#include "net/io/unproved_streams.hpp"
#include "net/io/waiting_line.hpp"
#include "net/io/work.hpp"

namespace sallyport::io {

struct lane_limits {
  std::size_t timers_max = std::size_t{1} << 20;
  std::size_t events_per_turn = 1024;
  std::size_t posts_max = 4096; ///< Functions queued by `post`.
  work_shares shares;
};

/// An I/O thread: its epoll loop, timers, counters and shared buffers. Another lane's thread touches none of it:
/// everything but `post`, `stop` and reading `counters` is for the lane's own.
///
/// A turn goes through the kinds of work in order, each within its share of time: media first, and never long after it
/// came, whatever else there is to do. Whom a turn does not come to keeps its place in the line of its kind, ahead of
/// who comes later. The epoll set is level-triggered: a connection that has read its share is simply ready again in the
/// next turn, and a handler that stops early loses nothing.
class lane {
public:
  /// Read once a turn, and to see how long to wait; tests hand in a virtual one.
  using clock = std::function<moment()>;

  /// Throws std::system_error when the kernel gives no epoll or eventfd. Ignores SIGPIPE in the process: writing to a
  /// reset connection is an error code.
  /// `strangers`: what all lanes of a node may log of what strangers do.
  explicit lane(std::uint8_t index = 0, const lane_limits& limits = {}, clock now = &read_clocks,
                std::shared_ptr<line_budget> strangers = std::make_shared<line_budget>());
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane();

  /// The handler must stay until `forget`. False when the kernel refuses.
  [[nodiscard]] bool watch(int fd, std::uint32_t events, io_handler& handler, work kind);
  void modify(int fd, std::uint32_t events);
  /// From its next call on, the descriptor's work is of that kind.
  void becomes(int fd, work kind);
  /// Before the descriptor is closed. Events of the same batch that were still to come are dropped, also when the
  /// number is reused at once.
  void forget(int fd);
  /// Calls the descriptor's handler with EPOLLIN in the next turn, for bytes that the kernel no longer knows of.
  void ready_again(int fd);

  /// The null id when `timers_max` are armed.
  [[nodiscard]] timer_id arm(time_point deadline, timer_handler& handler, std::uint64_t cookie = 0);
  /// Null and stale ids are ignored.
  void cancel(timer_id id) { timers_.cancel(id); }

  /// Runs `action` before this turn ends, after all events and timers; outside `run`, at the end of the next turn.
  void defer(std::function<void()> action) { deferred_.push_back(std::move(action)); }
  /// Deletes `object` at the end of the turn, when no caller further up can touch it any more.
  template <class Object>
  void retire(Object* object) {
    retired_.push_back({object, [](void* gone) { delete static_cast<Object*>(gone); }});
  }

  /// Does one thing of several: what it throws is counted and logged, and the others are done all the same.
  template <class Action>
  void guarded(Action&& action) {
    try {
      action();
    } catch (const std::exception& error) {
      fail(error);
    } catch (...) {
      fail(std::runtime_error{"no exception of the standard library"});
    }
  }
  /// Counts and logs what a handler could not do. For one that goes on with the rest of its work.
  void fail(const std::exception& error);

  /// From any thread: runs `action` on the lane. Low-rate control only. Throws std::length_error past `posts_max`.
  void post(std::function<void()> action) { posts_.push(std::move(action)); }

  /// Until `stop`. Exceptions of handlers are logged and counted, never passed on.
  void run();
  /// From any thread; `run` returns after the turn it is in, or at once when it starts later.
  void stop() noexcept;
  /// One turn: waits at most `wait` (less when a timer is due) for events and handles them. Returns how many.
  std::size_t run_once(milliseconds wait);

  /// For a handler with more to do than one thing: whether the share of its kind is not used up. One that stops for
  /// this is called again if its descriptor is still ready, or else if it asks for it (`ready_again`).
  [[nodiscard]] bool has_time() const { return clock_().boot < share_ends_; }

  /// The time of this turn.
  [[nodiscard]] time_point now() const noexcept { return now_.boot; }
  /// By both clocks.
  [[nodiscard]] const moment& this_moment() const noexcept { return now_; }
  [[nodiscard]] std::uint8_t index() const noexcept { return index_; }
  [[nodiscard]] lane_counters& counters() noexcept { return counters_; }
  [[nodiscard]] const lane_counters& counters() const noexcept { return counters_; }
  /// From the loop's waking up to its next wait. For any thread.
  [[nodiscard]] const recent_longest& longest_turn() const noexcept { return longest_turn_; }
  [[nodiscard]] event_log& log() noexcept { return log_; }
  [[nodiscard]] unproved_streams& unproved() noexcept { return unproved_; }
  [[nodiscard]] std::size_t timers() const noexcept { return timers_.size(); }

  /// 128 KiB for whoever is reading: its contents last until the reader returns to the loop.
  [[nodiscard]] std::span<std::byte> read_buffer() noexcept { return read_buffer_; }
  /// For whoever is reading or writing datagrams.
  [[nodiscard]] datagram_batch& datagrams() noexcept { return datagrams_; }

private:
  struct watched {
    io_handler* handler = nullptr;
    std::uint32_t generation = 0; // Goes up with each `forget`, so that a stale event finds no handler.
    std::uint32_t waits_for = 0;  // The events that it has been told of in the line of its kind; 0: not in it.
    work kind = work::streams;
  };
  struct armed {
    timer_handler* handler;
    std::uint64_t cookie;
  };
  struct retired {
    void* object;
    void (*destroy)(void*);
  };

  int wait_ms(milliseconds longest) const;
  void line_up(std::uint64_t token, std::uint32_t events);
  std::size_t work_through(work kind);
  bool dispatch(std::uint64_t token);
  std::size_t fire_timers();
  void run_posts();
  void end_turn();

  const std::uint8_t index_;
  const lane_limits limits_;
  const clock clock_;
  moment now_;
  time_point share_ends_ = time_point::max();
  int epoll_fd_ = -1;
  std::atomic<bool> is_stopping_ = false;
  inbox<std::function<void()>> posts_;
  std::vector<std::function<void()>> taken_posts_;
  timer_wheel<armed> timers_;
  std::vector<watched> watched_;               // By descriptor.
  std::array<waiting_line, work_count> lines_; // Of tokens: generation << 32 | descriptor.
  std::vector<std::uint64_t> ready_again_;     // Tokens.
  std::vector<std::function<void()>> deferred_;
  std::vector<retired> retired_;
  std::vector<std::byte> read_buffer_;
  lane_counters counters_;
  recent_longest longest_turn_;
  unproved_streams unproved_{counters_.unproved};
  datagram_batch datagrams_{counters_};
  event_log log_;
};

} // namespace sallyport::io
