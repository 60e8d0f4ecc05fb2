#include "net/sip/numbers.hpp"

#include <limits>

#include "net/sip/scanner.hpp"

namespace sallyport::sip {
namespace {

// Above every limit of ours and far below overflow: where a sum stops growing.
constexpr std::uint64_t ceiling = std::uint64_t{1} << 48;

/// All digits that stand here; nothing when there is none.
result<std::uint64_t, parse_error> take_digits(scanner& text) noexcept {
  const auto digits = text.take(chars::digit);
  if (digits.empty())
    return fail(parse_error::bad_number);
  std::uint64_t sum = 0;
  for (const char digit : digits)
    if (sum < ceiling)
      sum = sum * 10 + static_cast<std::uint64_t>(digit - '0');
  return sum;
}

/// Digits, and white space around them, are the whole value.
result<std::uint64_t, parse_error> parse_digits(std::string_view value) noexcept {
  scanner text{value};
  text.skip_space();
  const auto number = take_digits(text);
  text.skip_space();
  if (!text.done())
    return fail(parse_error::bad_number);
  return number;
}

} // namespace

result<std::uint32_t, parse_error> parse_number(std::string_view value) noexcept {
  const auto number = parse_digits(value);
  if (!number)
    return fail(number.error());
  if (*number > std::numeric_limits<std::uint32_t>::max())
    return fail(parse_error::number_out_of_range);
  return static_cast<std::uint32_t>(*number);
}

result<std::uint8_t, parse_error> parse_max_forwards(std::string_view value) noexcept {
  const auto number = parse_digits(value);
  if (!number)
    return fail(number.error());
  if (*number > std::numeric_limits<std::uint8_t>::max())
    return fail(parse_error::number_out_of_range);
  return static_cast<std::uint8_t>(*number);
}

result<std::size_t, parse_error> parse_content_length(std::string_view value) noexcept {
  const auto number = parse_digits(value);
  if (!number)
    return fail(parse_error::bad_content_length);
  return static_cast<std::size_t>(*number);
}

result<std::uint32_t, parse_error> parse_delta_seconds(std::string_view value) noexcept {
  scanner text{value};
  text.skip_space();
  const auto number = take_digits(text);
  if (!number)
    return fail(number.error());
  text.skip_space();
  // Retry-After may explain itself in a comment (RFC 3261, 20.33).
  if (!text.done() && text.peek() != ';' && text.peek() != '(')
    return fail(parse_error::bad_number);
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(*number < most ? *number : most);
}

} // namespace sallyport::sip
