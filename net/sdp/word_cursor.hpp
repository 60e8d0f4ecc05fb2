#pragma once
#include <optional>
#include <string_view>

namespace sallyport::sdp {

/// Walks the space-separated words of a line's value in place: `m=audio 49170 RTP/AVP 0 8`.
class word_cursor {
public:
  explicit word_cursor(std::string_view value) noexcept : rest_{value} {}

  /// Never empty: several spaces separate as one does.
  [[nodiscard]] std::optional<std::string_view> next() noexcept {
    std::size_t begin = 0;
    while (begin < rest_.size() && rest_[begin] == ' ')
      ++begin;
    std::size_t end = begin;
    while (end < rest_.size() && rest_[end] != ' ')
      ++end;
    const auto word = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    return word.empty() ? std::nullopt : std::optional{word};
  }

private:
  std::string_view rest_;
};

} // namespace sallyport::sdp
