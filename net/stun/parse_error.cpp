#include "net/stun/parse_error.hpp"

#include <array>

namespace sallyport::stun {
namespace {

// In the order of parse_error.
constexpr std::array<std::string_view, parse_errors> names{
  "truncated", "not_stun", "bad_length", "bad_attribute", "too_many_attributes", "bad_fingerprint",
};

} // namespace

std::string_view to_string(parse_error reason) noexcept {
  const auto index = static_cast<std::size_t>(reason);
  return index < names.size() ? names[index] : "unknown";
}

} // namespace sallyport::stun
