#include "net/sip/name_addr.hpp"

#include "net/sip/param_reader.hpp"

namespace sallyport::sip {
namespace {

/// `[display] <uri>`; false when what stands here is no such thing.
bool read_bracketed(scanner& text, name_addr& into) noexcept {
  if (text.peek() == '"') {
    into.display = text.take_quoted();
    if (into.display.empty())
      return false;
    text.skip_space();
  } else {
    const char* begin = text.position();
    while (!text.take(chars::token).empty())
      text.skip_space();
    into.display = trim(text.since(begin));
  }
  if (!text.accept('<'))
    return false;
  into.uri = text.take_until('>');
  return text.accept('>') && !into.uri.empty();
}

/// `uri`, which ends where the parameters of the header begin.
bool read_bare(scanner& text, name_addr& into) noexcept {
  const char* begin = text.position();
  while (!text.done() && text.peek() != ';' && !chars::is(text.peek(), chars::space)) {
    if (!chars::is(text.peek(), chars::uri) || text.peek() == '?' || text.peek() == ',')
      return false;
    text.skip(1);
  }
  into.uri = text.since(begin);
  return !into.uri.empty();
}

} // namespace

result<name_addr, parse_error> parse_name_addr(std::string_view value) noexcept {
  scanner text{value};
  text.skip_space();
  const scanner start = text;
  name_addr parsed;
  if (!read_bracketed(text, parsed)) {
    text = start;
    parsed.display = {};
    if (!read_bare(text, parsed))
      return fail(parse_error::bad_name_addr);
  }
  text.skip_space();
  parsed.params = text.rest();
  for (param_view param;;) {
    const auto outcome = read_param(text, param);
    if (outcome == param_outcome::end)
      return parsed;
    if (outcome == param_outcome::bad)
      return fail(parse_error::bad_params);
    if (equal_in_any_case(param.name, "tag"))
      parsed.tag = param.value;
  }
}

} // namespace sallyport::sip
