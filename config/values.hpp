#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/av_settings.hpp"
#include "config/rate.hpp"

/// The values a key may have, as text. Each reads all of `text` or nothing: no spaces, no signs, no fractions, no
/// leading zeros.
namespace sallyport::config {

[[nodiscard]] std::optional<std::uint64_t> parse_count(std::string_view text); ///< "0", "20000"
[[nodiscard]] std::optional<std::chrono::milliseconds>
parse_duration(std::string_view text);                                             ///< "200ms", "5s", "10m", "2h"
[[nodiscard]] std::optional<std::uint64_t> parse_byte_size(std::string_view text); ///< "512", "64KiB", "1MiB"
[[nodiscard]] std::optional<rate> parse_rate(std::string_view text);               ///< "50/s"
[[nodiscard]] std::optional<port_range> parse_port_range(std::string_view text);   ///< "49152-65535", in either order

// And back, in the largest unit that loses nothing.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds span);
[[nodiscard]] std::string byte_size_text(std::uint64_t bytes);
[[nodiscard]] std::string rate_text(rate value);
[[nodiscard]] std::string port_range_text(const port_range& ports);

/// Letters, digits and hyphens in labels of 1 to 63 bytes, 253 in all; no dot at the end, the last label not a number.
/// What RFC 5890 calls A-labels passes; Unicode does not.
[[nodiscard]] bool is_host_name(std::string_view text) noexcept;

/// The standard alphabet of RFC 4648 with padding; line ends and spaces between are skipped.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

} // namespace sallyport::config
