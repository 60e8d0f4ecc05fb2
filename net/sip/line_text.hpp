#pragma once
#include <string_view>

namespace sallyport::sip {

/// Throws std::invalid_argument when `text` would end the line it is put into: header injection by our own code is a
/// broken invariant, not bad input. Folds as received (CRLF and white space) are part of a line; NUL is judged as it
/// was when it came in.
void require_one_line(std::string_view text);

} // namespace sallyport::sip
