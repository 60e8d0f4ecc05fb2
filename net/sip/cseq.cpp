#include "net/sip/cseq.hpp"

#include "net/sip/scanner.hpp"

namespace sallyport::sip {

result<cseq, parse_error> parse_cseq(std::string_view value) noexcept {
  scanner text{value};
  text.skip_space();
  const auto digits = text.take(chars::digit);
  const bool is_spaced = chars::is(text.peek(), chars::space);
  text.skip_space();
  cseq parsed;
  parsed.name = text.take(chars::token);
  text.skip_space();
  if (digits.empty() || !is_spaced || parsed.name.empty() || !text.done())
    return fail(parse_error::bad_cseq);

  for (const char digit : digits) {
    const std::uint64_t number = std::uint64_t{parsed.number} * 10 + static_cast<std::uint64_t>(digit - '0');
    if (number > 0x7FFFFFFFU)
      return fail(parse_error::number_out_of_range);
    parsed.number = static_cast<std::uint32_t>(number);
  }
  parsed.method = parse_method(parsed.name);
  return parsed;
}

} // namespace sallyport::sip
