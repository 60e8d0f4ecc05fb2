#pragma once
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#else
#include <algorithm>
#include <array>
#endif

namespace sallyport::sip {

/// What may not stand in a header line as it is: below the space (but HTAB), and DEL. CR and LF are among them, so one
/// scan finds the end of a line and whatever should not be in it.
[[nodiscard]] constexpr bool is_control(char byte) noexcept {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && code != '\t') || code == 0x7F;
}

/// Sixteen bytes looked at together. Each answer has one bit a byte, the first byte lowest.
class byte_block {
public:
  static constexpr int size = 16;

#ifdef __SSE2__
  explicit byte_block(const char* at) noexcept : bytes_{_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))} {}

  [[nodiscard]] std::uint32_t equal(char wanted) const noexcept {
    return mask_of(_mm_cmpeq_epi8(bytes_, _mm_set1_epi8(wanted)));
  }
  [[nodiscard]] std::uint32_t controls() const noexcept {
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes_, _mm_set1_epi8(0x1F)), bytes_);
    const __m128i tab = _mm_cmpeq_epi8(bytes_, _mm_set1_epi8('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes_, _mm_set1_epi8(0x7F));
    return mask_of(_mm_or_si128(_mm_andnot_si128(tab, low), del));
  }

private:
  static std::uint32_t mask_of(__m128i lanes) noexcept {
    return static_cast<std::uint32_t>(_mm_movemask_epi8(lanes));
  }

  __m128i bytes_;
#else
  explicit byte_block(const char* at) noexcept {
    std::copy_n(at, size, bytes_.begin());
  }

  [[nodiscard]] std::uint32_t equal(char wanted) const noexcept {
    return mask_of([wanted](char byte) { return byte == wanted; });
  }
  [[nodiscard]] std::uint32_t controls() const noexcept {
    return mask_of(is_control);
  }

private:
  template <class Matches>
  [[nodiscard]] std::uint32_t mask_of(const Matches& matches) const noexcept {
    std::uint32_t mask = 0;
    for (int i = 0; i < size; ++i)
      mask |= static_cast<std::uint32_t>(matches(bytes_[i])) << i;
    return mask;
  }

  std::array<char, size> bytes_;
#endif
};

} // namespace sallyport::sip
