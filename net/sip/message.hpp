#pragma once
#include <cstddef>
#include <memory>
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/message_view.hpp"

namespace sallyport::sip {

/// A message that owns its bytes: what leaves the lane's buffers, for an actor or a transaction. Holds exactly the
/// bytes and the fields it needs; moving it is cheap and keeps every string_view into it valid.
class message {
public:
  message() = default; ///< Empty: no bytes, no fields.
  explicit message(const message_view& original);
  message(const message& other) : message(other.view()) {}
  message& operator=(const message& other) { return *this = message{other.view()}; }
  message(message&&) noexcept = default;
  message& operator=(message&&) noexcept = default;

  /// Of bytes that we wrote ourselves (a rewrite, a response): copies and parses them.
  [[nodiscard]] static result<message, parse_error> parse(std::string_view bytes, const message_limits& limits = {});

  /// Everything that can be asked of a message.
  [[nodiscard]] const message_view& view() const noexcept { return view_; }
  [[nodiscard]] const message_view* operator->() const noexcept { return &view_; }
  [[nodiscard]] const message_view& operator*() const noexcept { return view_; }

private:
  std::unique_ptr<char[]> bytes_;
  message_view view_;
};

} // namespace sallyport::sip
