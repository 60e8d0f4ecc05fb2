#pragma once
#include <bit>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace sallyport::sip {

/// What may not stand in a header line as it is: below the space (but HTAB), and DEL. CR and LF are among them, so one
/// scan finds the end of a line and whatever should not be in it.
[[nodiscard]] constexpr bool is_control(char byte) noexcept {
  const auto code = static_cast<unsigned char>(byte);
  return (code < 0x20 && code != '\t') || code == 0x7F;
}

/// The first control character from `at` on, or `end`.
[[nodiscard]] inline const char* find_control(const char* at, const char* end) noexcept {
#ifdef __SSE2__
  const __m128i last_control = _mm_set1_epi8(0x1F);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i found = _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    if (const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(found)))
      return at + std::countr_zero(mask);
  }
#endif
  while (at != end && !is_control(*at))
    ++at;
  return at;
}

} // namespace sallyport::sip
