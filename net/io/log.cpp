#include "net/io/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace sallyport::log {
namespace {

spdlog::level::level_enum named(level of) noexcept {
  constexpr spdlog::level::level_enum levels[]{spdlog::level::trace, spdlog::level::debug, spdlog::level::info,
                                               spdlog::level::warn,  spdlog::level::err,   spdlog::level::critical};
  return levels[static_cast<std::size_t>(of)];
}

/// Standard error, for as long as somebody takes it: lanes write here, and who does not read his pipe may not stop
/// them. What nobody takes is lost, whole lines, and how many is said as soon as there is room.
class standard_error final : public spdlog::sinks::base_sink<std::mutex> {
  void sink_it_(const spdlog::details::log_msg& line) override {
    write_left();
    if (lost_ > 0 && left_.empty() && has_room()) {
      const auto text = fmt::format("log lines lost lines={}", std::exchange(lost_, 0));
      put({line.time, {}, line.logger_name, spdlog::level::warn, text});
    }
    if (left_.empty() && has_room())
      put(line);
    else
      ++lost_;
  }
  void flush_() override {}

  /// A description of our own, which does not wait, of the pipe or terminal: whoever else writes there goes on waiting.
  /// What cannot be opened again is a socket, which has room for a page when it says that it has some, or somebody
  /// else's terminal.
  static int open_again() {
    struct stat kind {};
    if (::fstat(STDERR_FILENO, &kind) != 0 || !(S_ISFIFO(kind.st_mode) || S_ISCHR(kind.st_mode)))
      return STDERR_FILENO;
    const int fd = ::open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_APPEND);
    return fd < 0 ? STDERR_FILENO : fd;
  }

  bool has_room() const {
    pollfd out{.fd = fd_, .events = POLLOUT, .revents = 0};
    return ::poll(&out, 1, 0) == 1;
  }
  void put(const spdlog::details::log_msg& line) {
    spdlog::memory_buf_t text;
    formatter_->format(line, text);
    left_.assign(text.data(), text.size());
    write_left();
  }
  void write_left() {
    std::size_t sent = 0;
    while (sent < left_.size() && has_room()) {
      const auto written = ::write(fd_, left_.data() + sent, std::min<std::size_t>(left_.size() - sent, PIPE_BUF));
      if (written > 0)
        sent += static_cast<std::size_t>(written);
      else if (errno == EAGAIN)
        break;
      else if (errno != EINTR)
        return give_up(sent);
    }
    left_.erase(0, sent);
  }
  /// The reader is gone, or its disk is full. Should there be room again, the line that was cut is ended first.
  void give_up(std::size_t sent) {
    const bool is_cut = sent > 0 || left_ == "\n";
    lost_ += left_ == "\n" ? 0 : 1;
    left_ = is_cut ? "\n" : "";
  }

  const int fd_ = open_again();
  std::string left_; ///< Of the line that was begun: it is ended before another begins.
  std::uint64_t lost_ = 0;
};

} // namespace

void start(level lowest) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("sallyport", std::make_shared<standard_error>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %l %v");
  spdlog::set_level(named(lowest));
}

bool is_on(level of) noexcept {
  return spdlog::should_log(named(of));
}

void write(level of, fmt::string_view text, fmt::format_args values) {
  if (!is_on(of))
    return;
  fmt::memory_buffer line;
  fmt::vformat_to(fmt::appender{line}, text, values);
  spdlog::log(named(of), spdlog::string_view_t{line.data(), line.size()});
}

} // namespace sallyport::log
