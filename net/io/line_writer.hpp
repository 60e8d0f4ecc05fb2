#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/core/time.hpp"

namespace sallyport::log {

/// A file that lines go to, written by a thread of its own: who has a line puts it into a queue and never waits for who
/// reads. What finds the queue full is lost, whole lines, and so is what the file does not take; how many is told in
/// the file as soon as it takes lines again.
class line_writer {
public:
  /// Bytes that wait.
  static constexpr std::size_t waiting_bytes_max = 1'048'576;

  /// `fd` outlives the writing: also this object, where nobody reads. `lost_line`: what is written, with its end of
  /// line, for so many lost lines; it is called on the thread. Throws std::system_error when no thread is to be had.
  line_writer(int fd, std::function<std::string(std::uint64_t)> lost_line);
  /// Waits for nothing: what still waits is written if the process goes on.
  ~line_writer();
  line_writer(const line_writer&) = delete;
  line_writer& operator=(const line_writer&) = delete;

  /// From any thread; `lines` has its end of line. Takes no memory.
  void put(std::string_view lines) noexcept;
  /// Until all that was put is written or lost, for `longest` at most.
  void flush(milliseconds longest);
  [[nodiscard]] std::uint64_t lines_lost() const noexcept;

private:
  class queue;
  const std::shared_ptr<queue> queue_; ///< The thread's too: it may be in a write that never returns.
};

} // namespace sallyport::log
