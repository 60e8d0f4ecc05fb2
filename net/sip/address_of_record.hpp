#pragma once
#include <string>
#include <string_view>

namespace sallyport::sip {

/// The address-of-record in a From, To or Contact value: `user@host`, the host in lower case, without scheme, port and
/// parameters, escapes of the user resolved. Empty if there is none: not a SIP URI, or no user.
[[nodiscard]] std::string address_of_record(std::string_view name_addr_value);

/// The host of a SIP URI in lower case; empty for other schemes.
[[nodiscard]] std::string domain_of(std::string_view uri_text);

} // namespace sallyport::sip
