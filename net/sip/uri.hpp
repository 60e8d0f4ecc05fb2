#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// A URI (RFC 3261, 19.1 and 25.1). SIP and SIPS are read to the end; of other schemes (tel, im, pres, urn…) only the
/// scheme and the rest. Escapes (`%41`) stay as written.
struct uri {
  std::string_view scheme; ///< As written: compare through is_sip and is_sips.
  std::string_view user;   ///< Without the password; empty when absent.
  std::optional<std::string_view> password;
  std::string_view host; ///< IPv6 in its brackets. Empty for other schemes.
  std::optional<std::uint16_t> port;
  std::string_view params;  ///< From the first `;` on.
  std::string_view headers; ///< What follows `?`.
  std::string_view opaque;  ///< Everything after the scheme's colon.
  bool secure = false;      ///< sips
  bool known = false;       ///< sip or sips

  [[nodiscard]] bool is_sip() const noexcept { return known; } ///< sip or sips
  [[nodiscard]] bool is_sips() const noexcept { return secure; }
  /// As the free `param`, but escaped letters in the name count as themselves (RFC 3261, 19.1.4).
  [[nodiscard]] std::optional<std::string_view> param(std::string_view name) const noexcept;
};

[[nodiscard]] result<uri, parse_error> parse_uri(std::string_view text) noexcept;

/// `%41` becomes `A`; a percent sign without two hexadecimal digits stays. May hold NUL afterwards (RFC 4475, 3.1.1.4).
[[nodiscard]] std::string unescape(std::string_view text);

} // namespace sallyport::sip
