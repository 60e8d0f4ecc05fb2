#pragma once
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace sallyport::io {

/// Orders from actors to one lane: many writers, one reader, woken through an eventfd in its epoll set.
///
/// Past `orders_max` orders that wait, or `bytes_max` bytes that they bring, `try_push` refuses. `push_always` does
/// not: how many of its orders there can be follows from what causes them (the answer to an event, the end of a
/// session, the last response to a request). How many bytes an order brings, whoever pushes it says.
template <class Order>
class inbox {
public:
  /// Throws std::system_error when no eventfd is to be had.
  explicit inbox(std::size_t orders_max = 0, std::size_t bytes_max = SIZE_MAX)
    : orders_max_{orders_max}, bytes_max_{bytes_max}, wake_fd_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
    if (wake_fd_ < 0)
      throw std::system_error{errno, std::generic_category(), "eventfd"};
  }
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox() { ::close(wake_fd_); }

  /// From any thread. Writes the eventfd on empty -> non-empty only: a busy lane costs no syscall.
  /// Throws std::length_error past `orders_max`.
  void push(Order order) {
    if (!try_push(std::move(order)))
      throw std::length_error{"inbox overrun"};
  }

  /// As `push`, for a producer that sheds: false when full, and the order is as it was.
  [[nodiscard]] bool try_push(Order&& order, std::size_t bytes = 0) {
    return add(std::move(order), bytes, orders_max_, bytes_max_);
  }

  /// As `push`, past the limits too: for what may not be lost and is bounded by something else.
  void push_always(Order order, std::size_t bytes = 0) {
    std::ignore = add(std::move(order), bytes, SIZE_MAX, SIZE_MAX);
  }

  /// From the lane. Replaces the contents of `into` by everything queued, oldest first, and keeps its capacity for the
  /// orders to come.
  void take(std::vector<Order>& into) {
    into.clear();
    eventfd_t ignored;
    if (::eventfd_read(wake_fd_, &ignored) != 0 && errno != EAGAIN && errno != EINTR)
      throw std::system_error{errno, std::generic_category(), "eventfd_read"};
    const std::lock_guard guard{mutex_};
    std::swap(into, orders_);
    bytes_ = 0;
  }

  [[nodiscard]] std::vector<Order> take() {
    std::vector<Order> orders;
    take(orders);
    return orders;
  }

  /// Makes the eventfd readable without an order.
  void wake() {
    // EAGAIN: the counter is at its maximum, so it is readable already.
    while (::eventfd_write(wake_fd_, 1) != 0 && errno != EAGAIN)
      if (errno != EINTR)
        throw std::system_error{errno, std::generic_category(), "eventfd_write"};
  }

  [[nodiscard]] int wake_fd() const noexcept { return wake_fd_; }

private:
  bool add(Order&& order, std::size_t bytes, std::size_t orders_max, std::size_t bytes_max) {
    {
      const std::lock_guard guard{mutex_};
      if (orders_.size() >= orders_max || bytes > bytes_max - std::min(bytes_, bytes_max))
        return false;
      orders_.push_back(std::move(order));
      bytes_ += bytes;
      if (orders_.size() != 1)
        return true;
    }
    wake();
    return true;
  }

  const std::size_t orders_max_;
  const std::size_t bytes_max_;
  const int wake_fd_;
  std::mutex mutex_;
  std::vector<Order> orders_;
  std::size_t bytes_ = 0; // That they bring.
};

} // namespace sallyport::io
