#pragma once
#include "net/sip/params.hpp"
#include "net/sip/scanner.hpp"

namespace sallyport::sip {

enum class param_outcome : std::uint8_t { read, end, bad };

/// Reads one `;name[=value]` where `text` stands. The value is a token, a host (IPv6 with or without brackets), a
/// quoted string, or what a URI parameter may be: one superset of the two grammars (RFC 3261, 25.1).
[[nodiscard]] inline param_outcome read_param(scanner& text, param_view& found) noexcept {
  text.skip_space();
  if (text.done())
    return param_outcome::end;
  if (!text.accept(';'))
    return param_outcome::bad;
  text.skip_space();
  found = {text.take(chars::parameter), {}};
  if (found.name.empty())
    return param_outcome::bad;
  if (!text.accept_spaced('='))
    return param_outcome::read;
  found.value = text.peek() == '"' ? text.take_quoted() : text.take(chars::parameter);
  return found.value.empty() ? param_outcome::bad : param_outcome::read;
}

} // namespace sallyport::sip
