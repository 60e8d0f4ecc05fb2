#pragma once
#include <cstdint>

namespace sallyport::io {

/// EPOLLIN, for those who watch a descriptor without being of this layer.
inline constexpr std::uint32_t ready_to_read = 0x001;

/// Is told when a watched descriptor is ready.
class io_handler {
public:
  /// `events`: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
  virtual void on_ready(std::uint32_t events) = 0;

protected:
  ~io_handler() = default;
};

/// Is told when a timer it armed is due.
class timer_handler {
public:
  /// `cookie` is the one given to `lane::arm`: an owner of several timers tells them apart by it.
  virtual void on_timer(std::uint64_t cookie) = 0;

protected:
  ~timer_handler() = default;
};

} // namespace sallyport::io
