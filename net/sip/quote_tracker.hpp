#pragma once

namespace sallyport::sip {

/// Knows, of one header field read from the left, which bytes a quoted-pair makes legal: in a quoted string, a
/// backslash does that to any character but CR and LF, NUL among them (RFC 3261, 25.1). Each byte is looked at once,
/// however many questions are asked.
class quote_tracker {
public:
  explicit quote_tracker(const char* field) noexcept : at_{field} {}

  /// Whether `byte`, which lies behind all those asked about before, is the second half of a quoted-pair.
  [[nodiscard]] bool is_quoted_pair(const char* byte) noexcept {
    for (; at_ < byte; ++at_) {
      if (*at_ == '"')
        is_quoted_ = !is_quoted_;
      else if (is_quoted_ && *at_ == '\\' && ++at_ == byte)
        return true;
    }
    return false;
  }

private:
  const char* at_;
  bool is_quoted_ = false;
};

} // namespace sallyport::sip
