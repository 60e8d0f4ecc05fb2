#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/sip/scanner.hpp"

namespace sallyport::sip {

/// A host where `text` stands: a name, an IPv4 address, or an IPv6 reference with its brackets. Empty when none.
[[nodiscard]] std::string_view take_host(scanner& text) noexcept;

/// Digits where `text` stands, as a port; nothing when there are none or they do not fit.
[[nodiscard]] std::optional<std::uint16_t> take_port(scanner& text) noexcept;

} // namespace sallyport::sip
