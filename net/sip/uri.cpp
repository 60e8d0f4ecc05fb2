#include "net/sip/uri.hpp"

#include "net/sip/host_port.hpp"
#include "net/sip/params.hpp"

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

/// All that stands here of a class that has no `%`, and whole escapes. Stops at a `%` that begins none.
std::string_view take_escaped(scanner& text, std::uint16_t bits) noexcept {
  const char* begin = text.position();
  (void)text.take(bits);
  while (escaped_byte(text.rest()) >= 0) {
    text.skip(3);
    (void)text.take(bits);
  }
  return text.since(begin);
}

bool is_uri_text(std::string_view text) noexcept {
  scanner rest{text};
  (void)take_escaped(rest, chars::uri);
  return rest.done();
}

/// `user[:password]@`, if that is what stands here; `text` stays where it is when it is not.
bool read_user(scanner& text, uri& into) noexcept {
  const scanner start = text;
  into.user = take_escaped(text, chars::user);
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
  const char* begin = text.position();
  while (text.accept(';')) {
    if (take_escaped(text, chars::uri_parameter).empty())
      return false;
    if (text.accept('=') && take_escaped(text, chars::uri_parameter).empty())
      return false;
  }
  into.params = text.since(begin);
  if (!text.accept('?'))
    return text.done();
  into.headers = text.rest();
  return !into.headers.empty() && is_uri_text(into.headers);
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
