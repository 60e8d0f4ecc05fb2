#pragma once
#include <cstdint>
#include <string_view>

#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// Where in a message a text stands: it stays right when the message is copied or moved, and costs no copy itself.
class text_place {
public:
  constexpr text_place() = default; ///< Of nothing: an empty text.
  /// `part` lies in the bytes of `whole`, or is empty.
  text_place(const message_view& whole, std::string_view part) noexcept
    : begin_{part.empty() ? 0 : static_cast<std::uint32_t>(part.data() - whole.bytes().data())},
      bytes_{static_cast<std::uint32_t>(part.size())} {}

  /// `message`: the one it was read from, or a copy of that.
  [[nodiscard]] std::string_view in(const message_view& message) const noexcept {
    return message.bytes().substr(begin_, bytes_);
  }
  [[nodiscard]] bool empty() const noexcept { return bytes_ == 0; }

private:
  std::uint32_t begin_ = 0;
  std::uint32_t bytes_ = 0;
};

} // namespace sallyport::sip
