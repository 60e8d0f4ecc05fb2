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
      add_word(load(at));
    if (left == 0)
      return;
    // What is left comes from a word that overlaps what was already added, shifted out of it.
    if (text.size() >= 8)
      return add_word(load(at + left - 8) >> (8 * (8 - left)));
    for (; left != 0; --left)
      sum_ += static_cast<unsigned char>(*at++);
  }
  void add(const char* text) noexcept {
    if (text)
      add(std::string_view{text});
  }
  void add(std::uint64_t number) noexcept { sum_ += number; }
  [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

private:
  static std::uint64_t load(const char* at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }

  void add_word(std::uint64_t word) noexcept {
    constexpr std::uint64_t even = 0x00FF00FF00FF00FFU;
    const std::uint64_t pairs = (word & even) + ((word >> 8) & even);
    sum_ += (pairs * 0x0001000100010001U) >> 48;
  }

  std::uint64_t sum_ = 0;
};

} // namespace sallyport::bench
