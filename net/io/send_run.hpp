#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "net/io/datagram_batch.hpp"

namespace sallyport::io {

/// Datagrams that leave by one socket, collected so that they leave in one call. Holds no bytes, only where they are.
class send_run {
public:
  /// Whether one for this socket has a place here; else the run is to be sent and cleared first.
  [[nodiscard]] bool takes(std::uint32_t socket) const noexcept {
    return count_ == 0 || (socket == socket_ && count_ < datagrams_.size());
  }
  void add(std::uint32_t socket, const datagram& one) noexcept {
    socket_ = socket;
    datagrams_[count_++] = one;
  }
  void clear() noexcept { count_ = 0; }

  [[nodiscard]] bool is_empty() const noexcept { return count_ == 0; }
  [[nodiscard]] std::uint32_t socket() const noexcept { return socket_; }
  [[nodiscard]] std::span<const datagram> datagrams() const noexcept { return std::span{datagrams_}.first(count_); }

private:
  std::uint32_t socket_ = 0;
  std::size_t count_ = 0;
  std::array<datagram, datagram_batch::datagrams_max> datagrams_;
};

} // namespace sallyport::io
