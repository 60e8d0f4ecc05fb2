#pragma once
#include <bit>
#include <cstdint>

#include "net/sip/byte_block.hpp"

namespace sallyport::sip {

/// The first byte of [at, end) that matches, or `end`. `in_block` and `alone` say the same of a byte. Reads nothing
/// outside: what is left after the whole blocks is read in one that overlaps the last of them.
template <class InBlock, class Alone>
[[nodiscard]] const char* find_byte(const char* at, const char* end, const InBlock& in_block,
                                    const Alone& alone) noexcept {
  if (end - at >= byte_block::size) {
    for (; end - at >= byte_block::size; at += byte_block::size)
      if (const std::uint32_t found = in_block(byte_block{at}))
        return at + std::countr_zero(found);
    const std::uint32_t found = in_block(byte_block{end - byte_block::size}) >> (byte_block::size - (end - at));
    return found ? at + std::countr_zero(found) : end;
  }
  while (at != end && !alone(*at))
    ++at;
  return at;
}

[[nodiscard]] inline const char* find_control(const char* at, const char* end) noexcept {
  return find_byte(
    at, end, [](const byte_block& block) { return block.controls(); }, is_control);
}

/// Where a header name ends at the latest.
[[nodiscard]] inline const char* find_control_or_colon(const char* at, const char* end) noexcept {
  return find_byte(
    at, end, [](const byte_block& block) { return block.controls() | block.equal(':'); },
    [](char byte) { return byte == ':' || is_control(byte); });
}

/// Where a value of a comma-separated list ends, or where a comma stops to matter.
[[nodiscard]] inline const char* find_list_mark(const char* at, const char* end) noexcept {
  return find_byte(
    at, end, [](const byte_block& block) { return block.equal(',') | block.equal('<') | block.equal('"'); },
    [](char byte) { return byte == ',' || byte == '<' || byte == '"'; });
}

[[nodiscard]] inline const char* find_char(const char* at, const char* end, char wanted) noexcept {
  return find_byte(
    at, end, [wanted](const byte_block& block) { return block.equal(wanted); },
    [wanted](char byte) { return byte == wanted; });
}

} // namespace sallyport::sip
