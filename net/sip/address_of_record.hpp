#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::sip {

/// The canonical form of an address-of-record (RFC 3261, 10.3 step 5): user@host with escapes undone and the host in
/// lower case, without scheme, port and parameters. `value` is a From or To. Nothing if it is no SIP address with a
/// user, or its user holds what no user should after unescaping (control characters, `@`).
[[nodiscard]] std::optional<std::string> address_of_record(std::string_view value);

/// The host of a SIP URI in lower case; empty for other schemes.
[[nodiscard]] std::string domain_of(std::string_view uri_text);

} // namespace sallyport::sip
