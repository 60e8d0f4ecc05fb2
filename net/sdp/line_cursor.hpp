#pragma once
#include <cstring>
#include <optional>
#include <string_view>

namespace sallyport::sdp {

/// One line of a session description: `type=value`.
struct line {
  char type = '\0';
  std::string_view value;
};

/// Walks the lines of a session description in place (RFC 8866, 5). Lines end in CRLF; LF alone is taken too, as that
/// section asks. A line that is not `letter=…` is skipped: what it should have been is not this cursor's to say.
class line_cursor {
public:
  explicit line_cursor(std::string_view description) noexcept
    : at_{description.data()}, end_{description.data() + description.size()} {}

  [[nodiscard]] std::optional<line> next() noexcept {
    while (at_ != end_) {
      const char* begin = at_;
      const auto* newline = static_cast<const char*>(std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)));
      const char* text_end = newline ? newline : end_;
      at_ = newline ? newline + 1 : end_;
      if (text_end != begin && text_end[-1] == '\r')
        --text_end;
      if (text_end - begin >= 2 && begin[1] == '=')
        return line{begin[0], {begin + 2, static_cast<std::size_t>(text_end - begin - 2)}};
    }
    return std::nullopt;
  }

private:
  const char* at_;
  const char* end_;
};

} // namespace sallyport::sdp
