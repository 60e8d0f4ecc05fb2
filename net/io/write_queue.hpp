#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace sallyport::io {

/// Bytes a socket has not taken yet, contiguous and oldest first. Empty, it holds no memory: 15,000 idle connections
/// must not.
class write_queue {
public:
  void append(std::span<const std::byte> bytes) {
    // The sent part is dropped only when it outweighs the rest: each byte moves at most once on average.
    if (sent_ > size()) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(sent_));
      sent_ = 0;
    }
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  void consume(std::size_t bytes) {
    sent_ += bytes;
    if (sent_ == bytes_.size())
      clear();
  }

  void clear() noexcept {
    bytes_ = {};
    sent_ = 0;
  }

  [[nodiscard]] std::span<const std::byte> front() const noexcept { return std::span{bytes_}.subspan(sent_); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - sent_; }
  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

private:
  std::vector<std::byte> bytes_;
  std::size_t sent_ = 0;
};

} // namespace sallyport::io
