#pragma once
#include <cstddef>
#include <string_view>

#include "net/sip/byte_scan.hpp"
#include "net/sip/characters.hpp"

namespace sallyport::sip {

/// Reads a value from the left, in place. Never past the end: at the end it peeks NUL, which belongs to no class.
class scanner {
public:
  explicit constexpr scanner(std::string_view text) noexcept : at_{text.data()}, end_{text.data() + text.size()} {}

  [[nodiscard]] constexpr bool done() const noexcept { return at_ == end_; }
  [[nodiscard]] constexpr char peek() const noexcept { return done() ? '\0' : *at_; }
  [[nodiscard]] constexpr const char* position() const noexcept { return at_; }
  [[nodiscard]] constexpr std::string_view rest() const noexcept { return since(at_, end_); }
  /// From an earlier position to here.
  [[nodiscard]] constexpr std::string_view since(const char* begin) const noexcept { return since(begin, at_); }

  [[nodiscard]] constexpr bool accept(char byte) noexcept {
    if (done() || *at_ != byte)
      return false;
    ++at_;
    return true;
  }

  /// No more than `rest().size()`.
  constexpr void skip(std::size_t bytes) noexcept { at_ += bytes; }

  constexpr void skip_space() noexcept {
    while (at_ != end_ && chars::is(*at_, chars::space))
      ++at_;
  }

  /// `accept` with white space allowed on both sides: SEMI, EQUAL, SLASH, COLON of RFC 3261, 25.1.
  [[nodiscard]] constexpr bool accept_spaced(char byte) noexcept {
    skip_space();
    if (!accept(byte))
      return false;
    skip_space();
    return true;
  }

  [[nodiscard]] constexpr std::string_view take(std::uint16_t bits) noexcept {
    const char* const begin = at_;
    const char* at = at_;
    while (at != end_ && chars::is(*at, bits))
      ++at;
    at_ = at;
    return since(begin);
  }

  [[nodiscard]] std::string_view take_until(char byte) noexcept {
    const char* const begin = at_;
    at_ = find_char(at_, end_, byte);
    return since(begin);
  }

  /// A quoted string with its quotes; empty, and nothing read, when none stands here or it never ends.
  [[nodiscard]] constexpr std::string_view take_quoted() noexcept {
    if (peek() != '"')
      return {};
    for (const char* i = at_ + 1; i < end_; ++i) {
      if (*i == '"') {
        const char* begin = at_;
        at_ = i + 1;
        return since(begin);
      }
      if (*i == '\\')
        ++i; // A quoted-pair: whatever it is, it does not end the string.
    }
    return {};
  }

private:
  static constexpr std::string_view since(const char* begin, const char* end) noexcept {
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  const char* at_;
  const char* end_;
};

} // namespace sallyport::sip
