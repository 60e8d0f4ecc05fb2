#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/core/result.hpp"
#include "net/sip/parse_error.hpp"

namespace sallyport::sip {

/// One Via value (RFC 3261, 20.42): where a request came through, and so the way of its response.
struct via {
  std::string_view protocol;  ///< "SIP/2.0" as written: may hold white space around the slash.
  std::string_view transport; ///< As written: compare in any case.
  std::string_view host;      ///< IPv6 in its brackets.
  std::optional<std::uint16_t> port;
  std::string_view branch;   ///< Empty when absent.
  std::string_view received; ///< IPv6 with or without brackets; empty when absent.
  std::string_view maddr;    ///< Empty when absent.
  std::optional<std::uint8_t> ttl;
  bool has_rport = false; ///< With or without a value (RFC 3581).
  std::optional<std::uint16_t> rport;
  std::string_view params; ///< Everything from the first `;` on.

  /// The branch begins with the magic cookie, so it alone names the transaction (RFC 3261, 8.1.1.7).
  [[nodiscard]] bool has_magic_cookie() const noexcept;
};

/// One value, not a list.
[[nodiscard]] result<via, parse_error> parse_via(std::string_view value) noexcept;

} // namespace sallyport::sip
