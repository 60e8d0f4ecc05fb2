#pragma once
#include <cstddef>
#include <optional>
#include <string_view>

#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// The one judgement on Content-Length, for the framer and the parser alike: two readers that disagree about where a
/// message ends are how requests get smuggled. Repeated fields must say the same number.
class content_length_rule {
public:
  /// One more Content-Length field; nothing when it is fine.
  [[nodiscard]] std::optional<parse_error> see(std::string_view value) noexcept;
  [[nodiscard]] std::optional<std::size_t> bytes() const noexcept { return bytes_; } ///< Nothing: no such field.

private:
  std::optional<std::size_t> bytes_;
};

} // namespace sallyport::sip
