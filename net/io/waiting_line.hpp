#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sallyport::io {

/// Descriptors that wait for their call, first come, first served. Its memory stays: in the long run it allocates
/// nothing.
class waiting_line {
public:
  void push(std::uint64_t token) { tokens_.push_back(token); }

  /// There must be one.
  [[nodiscard]] std::uint64_t pop() noexcept {
    const auto token = tokens_[taken_++];
    if (taken_ == tokens_.size()) {
      tokens_.clear();
      taken_ = 0;
    } else if (taken_ >= moved_at && taken_ * 2 >= tokens_.size()) { // Each moves at most once on average.
      tokens_.erase(tokens_.begin(), tokens_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    return token;
  }

  [[nodiscard]] bool empty() const noexcept { return tokens_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return tokens_.size() - taken_; }

private:
  static constexpr std::size_t moved_at = 64;

  std::vector<std::uint64_t> tokens_;
  std::size_t taken_ = 0; // Of the front.
};

} // namespace sallyport::io
