#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sallyport::bench {

/// Adds up every byte of everything it is shown. A sum does not care about order or about where texts are cut, so two
/// parsers that show it the same content come to the same sum: that proves that both did the work.
class checksum {
public:
  void add(std::string_view text) noexcept {
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8)
      add_word(at, 8);
    if (left != 0)
      add_word(at, left);
  }
  void add(const char* text) noexcept {
    if (text)
      add(std::string_view{text});
  }
  void add(std::uint64_t number) noexcept { sum_ += number; }
  [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

private:
  void add_word(const char* at, std::size_t bytes) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, bytes);
    constexpr std::uint64_t even = 0x00FF00FF00FF00FFU;
    const std::uint64_t pairs = (word & even) + ((word >> 8) & even);
    sum_ += (pairs * 0x0001000100010001U) >> 48;
  }

  std::uint64_t sum_ = 0;
};

} // namespace sallyport::bench
