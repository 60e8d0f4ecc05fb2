#include "config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace sallyport::config {

namespace {

struct unit {
  std::string_view suffix;
  std::uint64_t factor;
};

// Largest first.
constexpr std::array<unit, 4> duration_units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 4> size_units{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"", 1}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const unit> units) {
  const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
  const auto number = parse_count(text.substr(0, digits));
  const auto found = std::ranges::find(units, text.substr(digits), &unit::suffix);
  if (!number || found == units.end())
    return std::nullopt;
  // Nothing here is near 2^62; a number past it is a mistake, not a value.
  if (*number > (std::numeric_limits<std::uint64_t>::max() >> 2) / found->factor)
    return std::nullopt;
  return *number * found->factor;
}

std::string text_with_unit(std::uint64_t value, std::span<const unit> units) {
  for (const auto& [suffix, factor] : units)
    if (value >= factor && value % factor == 0)
      return std::to_string(value / factor).append(suffix);
  return std::to_string(value).append(units.back().suffix);
}

bool is_label(std::string_view label) {
  const auto is_allowed = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, is_allowed);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (is_digit(c))
    return c - '0' + 52;
  if (c == '+')
    return 62;
  return c == '/' ? 63 : -1;
}

} // namespace

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  const bool has_leading_zero = text.size() > 1 && text.front() == '0'; // Octal to some readers of YAML.
  if (text.empty() || has_leading_zero || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto value = parse_with_unit(text, duration_units);
  if (!value)
    return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(*value)};
}

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  return parse_with_unit(text, size_units);
}

std::optional<rate> parse_rate(std::string_view text) {
  if (!text.ends_with("/s"))
    return std::nullopt;
  const auto value = parse_count(text.substr(0, text.size() - 2));
  if (!value || *value > std::numeric_limits<std::uint32_t>::max())
    return std::nullopt;
  return rate{static_cast<std::uint32_t>(*value)};
}

std::optional<port_range> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return std::nullopt;
  const auto first = parse_count(text.substr(0, dash));
  const auto last = parse_count(text.substr(dash + 1));
  constexpr auto port_max = std::numeric_limits<std::uint16_t>::max();
  if (!first || !last || *first > port_max || *last > port_max)
    return std::nullopt;
  return port_range{static_cast<std::uint16_t>(*first), static_cast<std::uint16_t>(*last)};
}

std::string duration_text(std::chrono::milliseconds span) {
  return text_with_unit(static_cast<std::uint64_t>(span.count()), duration_units);
}

std::string byte_size_text(std::uint64_t bytes) {
  return text_with_unit(bytes, size_units);
}

std::string rate_text(rate value) {
  return std::to_string(value.per_second) + "/s";
}

std::string port_range_text(const port_range& ports) {
  return std::to_string(ports.first) + '-' + std::to_string(ports.last);
}

bool is_host_name(std::string_view text) noexcept {
  if (text.size() > 253)
    return false;
  std::string_view label;
  while (true) {
    const auto dot = text.find('.');
    label = text.substr(0, dot);
    if (!is_label(label))
      return false;
    if (dot == std::string_view::npos)
      break;
    text.remove_prefix(dot + 1);
  }
  // An all-numeric last label would be read as an IPv4 address (RFC 3696, 2).
  return !std::ranges::all_of(label, is_digit);
}

std::optional<std::string> decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t pending = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
      continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto value = base64_value(c);
    if (value < 0 || padding != 0)
      return std::nullopt;
    pending = pending << 6 | static_cast<std::uint32_t>(value);
    if (++digits % 4 != 1)
      bytes.push_back(static_cast<char>(pending >> (6 - 2 * ((digits - 1) % 4))));
  }
  const auto whole = (digits + padding) % 4 == 0 && padding <= 2;
  return whole ? std::optional{std::move(bytes)} : std::nullopt;
}

} // namespace sallyport::config
