#include "net/sip/via.hpp"

#include "net/sip/host_port.hpp"
#include "net/sip/param_reader.hpp"

namespace sallyport::sip {
namespace {

/// A number of a parameter: digits only, and no more than `most`.
std::optional<std::uint16_t> small_number(std::string_view digits, std::uint16_t most) noexcept {
  scanner text{digits};
  const auto number = take_port(text);
  return number && text.done() && *number <= most ? number : std::nullopt;
}

bool keep_rport(via& into, std::string_view value) noexcept {
  into.has_rport = true;
  if (value.empty())
    return true;
  into.rport = small_number(value, 65535);
  return into.rport.has_value();
}

bool keep_ttl(via& into, std::string_view value) noexcept {
  const auto ttl = small_number(value, 255);
  if (!ttl)
    return false;
  into.ttl = static_cast<std::uint8_t>(*ttl);
  return true;
}

/// Of a parameter given twice the last counts; false when the value is not what the name asks for.
bool keep(via& into, const param_view& param) noexcept {
  switch (param.name.size()) {
  case 3:
    return !equal_in_any_case(param.name, "ttl") || keep_ttl(into, param.value);
  case 5:
    if (equal_in_any_case(param.name, "rport"))
      return keep_rport(into, param.value);
    if (equal_in_any_case(param.name, "maddr"))
      into.maddr = param.value;
    return true;
  case 6:
    if (equal_in_any_case(param.name, "branch"))
      into.branch = param.value;
    return true;
  case 8:
    if (equal_in_any_case(param.name, "received"))
      into.received = param.value;
    return true;
  default:
    return true;
  }
}

/// `SIP / 2.0 / UDP host[:port]`
bool read_front(scanner& text, via& into) noexcept {
  text.skip_space();
  const char* protocol = text.position();
  if (text.take(chars::token).empty() || !text.accept_spaced('/') || text.take(chars::token).empty())
    return false;
  into.protocol = text.since(protocol);
  if (!text.accept_spaced('/'))
    return false;
  into.transport = text.take(chars::token);
  const bool is_spaced = chars::is(text.peek(), chars::space);
  text.skip_space();
  into.host = take_host(text);
  if (into.transport.empty() || !is_spaced || into.host.empty())
    return false;
  if (!text.accept_spaced(':'))
    return true;
  into.port = take_port(text);
  return into.port.has_value();
}

std::optional<parse_error> read_params(scanner& text, via& into) noexcept {
  text.skip_space();
  into.params = text.rest();
  for (param_view param;;) {
    const auto outcome = read_param(text, param);
    if (outcome == param_outcome::end)
      return std::nullopt;
    if (outcome == param_outcome::bad)
      return parse_error::bad_params;
    if (!keep(into, param))
      return parse_error::bad_via;
  }
}

} // namespace

bool via::has_magic_cookie() const noexcept {
  return equal_in_any_case(branch.substr(0, 7), "z9hG4bK");
}

result<via, parse_error> parse_via(std::string_view value) noexcept {
  scanner text{value};
  result<via, parse_error> parsed{via{}};
  if (!read_front(text, *parsed))
    parsed = fail(parse_error::bad_via);
  else if (const auto error = read_params(text, *parsed))
    parsed = fail(*error);
  return parsed;
}

} // namespace sallyport::sip
