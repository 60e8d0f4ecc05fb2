#include "net/sip/uri.hpp"

#include "net/sip/host_port.hpp"
#include "net/sip/param_reader.hpp"

namespace sallyport::sip {
namespace {

constexpr int hex_value(char byte) noexcept {
  const char lower = to_lower(byte);
  if (byte >= '0' && byte <= '9')
    return byte - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// The byte that `%HH` at the front stands for; negative when no escape stands there.
constexpr int escaped_byte(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%' || hex_value(text[1]) < 0 || hex_value(text[2]) < 0)
    return -1;
  return hex_value(text[1]) * 16 + hex_value(text[2]);
}

/// Every character is one of a URI, and every `%` begins an escape.
bool is_uri_text(std::string_view text) noexcept {
  for (scanner rest{text}; !rest.done(); rest.skip(3)) {
    (void)rest.take(chars::uri_plain);
    if (rest.done())
      break;
    if (escaped_byte(rest.rest()) < 0)
      return false;
  }
  return true;
}

/// `user[:password]@`, if that is what stands here; `text` stays where it is when it is not.
bool read_user(scanner& text, uri& into) noexcept {
  const scanner start = text;
  const char* begin = text.position();
  for (;;) {
    (void)text.take(chars::user);
    if (escaped_byte(text.rest()) < 0)
      break;
    text.skip(3);
  }
  into.user = text.since(begin);
  if (!text.accept('@')) {
    text = start;
    into.user = {};
    return true;
  }
  const auto colon = into.user.find(':');
  if (colon != std::string_view::npos) {
    into.password = into.user.substr(colon + 1);
    into.user = into.user.substr(0, colon);
  }
  return !into.user.empty() && (!into.password || into.password->find_first_of(":;?/") == std::string_view::npos);
}

/// `;params?headers` after the host.
bool read_tail(scanner& text, uri& into) noexcept {
  if (text.done())
    return true;
  into.params = text.take_until('?');
  if (text.accept('?')) {
    into.headers = text.rest();
    if (into.headers.empty() || !is_uri_text(into.headers))
      return false;
  }
  if (!is_uri_text(into.params))
    return false;
  // White space, which a header's parameters may have around them, is no URI text: it cannot pass here.
  scanner params{into.params};
  param_view param;
  auto outcome = param_outcome::read;
  while (outcome == param_outcome::read)
    outcome = read_param(params, param);
  return outcome == param_outcome::end;
}

/// `user:password@host:port;params?headers`
bool read_sip(scanner& text, uri& into) noexcept {
  if (!read_user(text, into))
    return false;
  into.host = take_host(text);
  if (into.host.empty())
    return false;
  if (text.accept(':')) {
    into.port = take_port(text);
    if (!into.port)
      return false;
  }
  return read_tail(text, into);
}

bool read_uri(std::string_view text, uri& into) noexcept {
  scanner rest{text};
  into.scheme = rest.take(chars::scheme);
  // A scheme begins with a letter (RFC 3986, 3.1).
  if (into.scheme.empty() || !chars::is(into.scheme.front(), chars::letter) || !rest.accept(':') || rest.done())
    return false;
  into.opaque = rest.rest();
  into.secure = equal_in_any_case(into.scheme, "sips");
  into.known = into.secure || equal_in_any_case(into.scheme, "sip");
  return into.known ? read_sip(rest, into) : is_uri_text(into.opaque);
}

} // namespace

std::optional<std::string_view> uri::param(std::string_view name) const noexcept {
  for (param_cursor cursor{params}; const auto found = cursor.next();) {
    if (equal_in_any_case(found->name, name))
      return found->value;
    if (found->name.find('%') != std::string_view::npos && equal_in_any_case(unescape(found->name), name))
      return found->value;
  }
  return std::nullopt;
}

result<uri, parse_error> parse_uri(std::string_view text) noexcept {
  result<uri, parse_error> parsed{uri{}};
  if (!read_uri(text, *parsed))
    parsed = fail(parse_error::bad_uri);
  return parsed;
}

std::string unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int byte = escaped_byte(text.substr(i));
    plain += byte < 0 ? text[i] : static_cast<char>(byte);
    i += byte < 0 ? 0 : 2;
  }
  return plain;
}

} // namespace sallyport::sip
