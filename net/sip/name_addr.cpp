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
    if ((!chars::is(text.peek(), chars::uri) && text.peek() != '%') || text.peek() == '?' || text.peek() == ',')
      return false;
    text.skip(1);
  }
  into.uri = text.since(begin);
  return !into.uri.empty();
}

/// The parameters; false when something is none.
bool read_params(scanner& text, name_addr& into) noexcept {
  text.skip_space();
  into.params = text.rest();
  for (param_view param;;) {
    const auto outcome = read_param(text, param);
    if (outcome != param_outcome::read)
      return outcome == param_outcome::end;
    if (equal_in_any_case(param.name, "tag"))
      into.tag = param.value;
  }
}

} // namespace

result<name_addr, parse_error> parse_name_addr(std::string_view value) noexcept {
  scanner text{value};
  text.skip_space();
  const scanner start = text;
  result<name_addr, parse_error> parsed{name_addr{}};
  bool is_read = read_bracketed(text, *parsed);
  if (!is_read) {
    text = start;
    *parsed = {};
    is_read = read_bare(text, *parsed);
  }
  if (!is_read)
    parsed = fail(parse_error::bad_name_addr);
  else if (!read_params(text, *parsed))
    parsed = fail(parse_error::bad_params);
  return parsed;
}

} // namespace sallyport::sip
