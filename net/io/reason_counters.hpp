#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <string_view>

#include "net/io/counters.hpp"

namespace sallyport::io {

/// Why messages were refused or dropped, counted by reason. One thread writes, any reads. Reasons are string literals
/// (of parse errors, validation, policy): a bounded set, so the table is small and never shrinks.
class reason_counters {
public:
  static constexpr std::size_t reasons_max = 128;

  /// `reason` must be a string literal. Past `reasons_max` different ones, the rest is counted as the last.
  void add(std::string_view reason, std::size_t amount = 1) noexcept {
    if (amount == 0)
      return;
    auto used = used_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < used; ++i)
      if (rows_[i].reason == reason)
        return rows_[i].count.add(amount);
    if (used == reasons_max)
      return rows_.back().count.add(amount);
    rows_[used].reason = reason;
    rows_[used].count.add(amount);
    used_.store(used + 1, std::memory_order_release);
  }

  /// Calls `visit(reason, count)` for each reason seen so far.
  template <class Visit>
  void each(Visit&& visit) const {
    const auto used = used_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < used; ++i)
      visit(rows_[i].reason, rows_[i].count.read());
  }

private:
  struct row {
    std::string_view reason;
    counter count;
  };
  std::array<row, reasons_max> rows_;
  std::atomic<std::size_t> used_{0};
};

} // namespace sallyport::io
