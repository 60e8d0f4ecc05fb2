#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::sip {

/// The canonical form of an address-of-record (RFC 3261, 10.3 step 5): user@host with escapes undone and the host in
/// lower case, without scheme, port and parameters. `user` and `host` are as they stand in a SIP URI. Nothing if there
/// is no user, or it holds what no user should after unescaping (control characters, `@`).
[[nodiscard]] std::optional<std::string> address_of_record(std::string_view user, std::string_view host);

/// Whether a URI's user and host, as written, are this address-of-record (in its canonical form).
[[nodiscard]] bool is_address_of_record(std::string_view user, std::string_view host, std::string_view canonical);

} // namespace sallyport::sip
