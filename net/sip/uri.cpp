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

bool are_escapes_whole(std::string_view text) noexcept {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 3))
    if (escaped_byte(text.substr(at)) < 0)
      return false;
  return true;
}

/// `user[:password]` before the `@`.
bool read_user(std::string_view text, uri& into) noexcept {
  const auto colon = text.find(':');
  into.user = text.substr(0, colon);
  if (colon != std::string_view::npos)
    into.password = text.substr(colon + 1);
  return !into.user.empty() && chars::all(text, chars::user) &&
         (!into.password || into.password->find_first_of(":;?/") == std::string_view::npos);
}

/// `;params?headers` after the host.
bool read_tail(std::string_view text, uri& into) noexcept {
  const auto mark = std::min(text.find('?'), text.size());
  into.params = text.substr(0, mark);
  scanner params{into.params};
  for (param_view param;;) {
    // A URI has no white space and no quotes: those are outside chars::uri, which its caller has checked.
    const auto outcome = read_param(params, param);
    if (outcome == param_outcome::bad)
      return false;
    if (outcome == param_outcome::end)
      break;
  }
  if (mark == text.size())
    return true;
  into.headers = text.substr(mark + 1);
  return !into.headers.empty();
}

bool read_sip(std::string_view text, uri& into) noexcept {
  if (const auto at = text.find('@'); at != std::string_view::npos) {
    if (!read_user(text.substr(0, at), into))
      return false;
    text.remove_prefix(at + 1);
  }
  scanner host{text};
  into.host = take_host(host);
  if (into.host.empty())
    return false;
  if (host.accept(':')) {
    into.port = take_port(host);
    if (!into.port)
      return false;
  }
  return host.rest().find('@') == std::string_view::npos && read_tail(host.rest(), into);
}

/// A scheme begins with a letter (RFC 3986, 3.1).
bool is_scheme(std::string_view text) noexcept {
  return !text.empty() && chars::is(text.front(), chars::host) && !chars::is(text.front(), chars::digit) &&
         text.front() != '-' && text.front() != '.' && text.front() != '_' && chars::all(text, chars::token) &&
         text.find_first_of("!%*_`'~") == std::string_view::npos;
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
  const auto colon = text.find(':');
  uri parsed;
  parsed.scheme = text.substr(0, colon);
  if (colon == std::string_view::npos || !is_scheme(parsed.scheme))
    return fail(parse_error::bad_uri);
  parsed.opaque = text.substr(colon + 1);
  if (parsed.opaque.empty() || !chars::all(parsed.opaque, chars::uri) || !are_escapes_whole(parsed.opaque))
    return fail(parse_error::bad_uri);
  parsed.secure = equal_in_any_case(parsed.scheme, "sips");
  parsed.known = parsed.secure || equal_in_any_case(parsed.scheme, "sip");
  if (parsed.known && !read_sip(parsed.opaque, parsed))
    return fail(parse_error::bad_uri);
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
