#pragma once
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// `[display] <uri>;params` or `uri;params`: From, To, Contact, Route, Record-Route, Path, Refer-To,
/// P-Asserted-Identity. Without `<>`, parameters belong to the header, not to the URI, and a URI with `?` or `,` is
/// refused (RFC 3261, 20).
struct name_addr {
  std::string_view display; ///< As written, quotes included; empty when absent.
  std::string_view uri;     ///< Without `<>`; `parse_uri` reads it. `*` for a Contact that is a star.
  std::string_view params;  ///< Everything after the URI, from the first `;` on.
  std::string_view tag;     ///< Empty when absent.

  [[nodiscard]] bool is_star() const noexcept { return uri == "*"; }
};

/// One value, not a list. The URI is found, not judged.
[[nodiscard]] result<name_addr, parse_error> parse_name_addr(std::string_view value) noexcept;

} // namespace sallyport::sip
