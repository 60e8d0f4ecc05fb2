#include "net/io/line_writer.hpp"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <thread>
#include <utility>

namespace sallyport::log {

class line_writer::queue {
public:
  queue(int fd, std::function<std::string(std::uint64_t)> lost_line) : fd_{fd}, lost_line_{std::move(lost_line)} {
    waiting_.reserve(waiting_bytes_max); // Pages are the kernel's to give when they are first written.
    taken_.reserve(waiting_bytes_max);
  }

  void put(std::string_view lines) noexcept {
    {
      const std::lock_guard guard{mutex_};
      if (lines.size() > waiting_bytes_max - waiting_.size()) {
        ++refused_;
        ++lost_in_all_;
        return;
      }
      waiting_.append(lines);
    }
    changed_.notify_one();
  }

  void flush(milliseconds longest) {
    std::unique_lock lock{mutex_};
    idle_.wait_for(lock, longest, [this] { return waiting_.empty() && taken_.empty(); });
  }

  void end() noexcept {
    {
      const std::lock_guard guard{mutex_};
      is_ending_ = true;
    }
    changed_.notify_one();
  }

  void run() {
    sigset_t all;
    sigfillset(&all); // A reader that has gone is an error code here, and no signal is for this thread.
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    while (take()) {
      say_lost();
      for (std::size_t begin = 0, end = 0; begin < taken_.size(); begin = end) {
        end = std::min(taken_.find('\n', begin), taken_.size() - 1) + 1;
        if (!write_line(std::string_view{taken_}.substr(begin, end - begin))) {
          ++lost_;
          ++lost_in_all_;
        }
      }
      lost_ += taken_refused_; // They came behind those that were taken.
      say_lost();
    }
  }

  [[nodiscard]] std::uint64_t lines_lost() const noexcept { return lost_in_all_.load(std::memory_order_relaxed); }

private:
  /// Waits for lines; false when there will be none.
  bool take() {
    std::unique_lock lock{mutex_};
    taken_.clear();
    idle_.notify_all();
    changed_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
    taken_.swap(waiting_);
    taken_refused_ = std::exchange(refused_, 0);
    return !taken_.empty();
  }

  void say_lost() {
    if (lost_ > 0 && write_line(lost_line_(lost_)))
      lost_ = 0;
  }

  /// False when the file does not take all of it: its reader is gone, or its disk is full. Should it take lines again,
  /// the one that was cut is ended first.
  bool write_line(std::string_view line) {
    if (is_cut_ && write_some("\n") == 0)
      return false;
    const auto written = write_some(line);
    is_cut_ = written != 0 && written != line.size();
    return written == line.size();
  }

  /// Waits for as long as there is no room; how many bytes were written before an error.
  std::size_t write_some(std::string_view text) const {
    constexpr std::size_t page_bytes = 4096; // What there is room for, where `poll` says that there is some.
    std::size_t written = 0;
    while (written < text.size()) {
      const auto count = ::write(fd_, text.data() + written, std::min(text.size() - written, page_bytes));
      if (count > 0) {
        written += static_cast<std::size_t>(count);
      } else if (count < 0 && errno == EAGAIN) {
        pollfd room{.fd = fd_, .events = POLLOUT, .revents = 0};
        ::poll(&room, 1, -1);
      } else if (count == 0 || errno != EINTR) {
        break;
      }
    }
    return written;
  }

  const int fd_;
  const std::function<std::string(std::uint64_t)> lost_line_;
  std::atomic<std::uint64_t> lost_in_all_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::condition_variable idle_;
  std::string waiting_;
  std::uint64_t refused_ = 0; ///< Since lines were last taken.
  bool is_ending_ = false;

  // The thread's.
  std::string taken_; ///< Under the mutex while it changes.
  std::uint64_t taken_refused_ = 0;
  std::uint64_t lost_ = 0; ///< Not told yet.
  bool is_cut_ = false;
};

line_writer::line_writer(int fd, std::function<std::string(std::uint64_t)> lost_line)
  : queue_{std::make_shared<queue>(fd, std::move(lost_line))} {
  std::thread{[queue = queue_] { queue->run(); }}.detach();
}

line_writer::~line_writer() {
  queue_->end();
}

void line_writer::put(std::string_view lines) noexcept {
  queue_->put(lines);
}

void line_writer::flush(milliseconds longest) {
  queue_->flush(longest);
}

std::uint64_t line_writer::lines_lost() const noexcept {
  return queue_->lines_lost();
}

} // namespace sallyport::log
