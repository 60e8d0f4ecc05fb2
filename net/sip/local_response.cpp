#include "net/sip/local_response.hpp"

#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

bool is_named(std::string_view name, std::string_view lower) {
  return name.size() == lower.size() && std::equal(name.begin(), name.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
         });
}

/// A fold is white space (RFC 3261, 7.3.1), and what we write is one line.
void append_unfolded(std::string& out, std::string_view text) {
  for (const char character : text)
    out += character == '\r' || character == '\n' ? ' ' : character;
}

} // namespace

std::string stamp_via(std::string_view via_value, const endpoint& source) {
  const auto parsed = parse_via(via_value);
  if (!parsed)
    return {};
  const bool is_source = ip_address::parse(parsed->host) == source.address;
  if (is_source && !parsed->has_rport && parsed->received.empty())
    return {};

  std::string out;
  out.reserve(via_value.size() + 64);
  append_unfolded(out, via_value.substr(0, via_value.size() - parsed->params.size()));
  param_cursor params{parsed->params};
  while (const auto param = params.next()) {
    if (is_named(param->name, "received") || is_named(param->name, "rport"))
      continue; // Only the receiver knows these; what a sender wrote into them is not true.
    out += ';';
    append_unfolded(out, param->name);
    if (!param->value.empty()) {
      out += '=';
      append_unfolded(out, param->value);
    }
  }
  if (parsed->has_rport)
    out.append(";rport=").append(std::to_string(source.port));
  if (!is_source || parsed->has_rport)
    out.append(";received=").append(source.address.text());
  return out;
}

std::string write_local_response(const message_view& request, const arrival& from, unsigned status,
                                 std::string_view reason, std::string_view to_tag, std::span<const header_text> extra) {
  auto response = write_response(request, status, reason, to_tag, extra);
  const auto top = first_value(request, header_id::via);
  if (!top)
    return response;
  const auto stamped = stamp_via(*top, from.source);
  if (stamped.empty())
    return response;
  // Via fields come first and are copied as they stand, so the first occurrence is the top one.
  if (const auto at = response.find(*top); at != std::string::npos)
    response.replace(at, top->size(), stamped);
  return response;
}

std::string local_tag(const message_view& request, const siphash& hash) {
  std::string identity{first_value(request, header_id::via).value_or("")};
  for (const auto id : {header_id::from, header_id::call_id, header_id::cseq})
    identity.append(1, '\n').append(request.value(id));
  static constexpr char digits[] = "0123456789abcdef";
  std::string tag;
  for (auto rest = hash(identity); tag.size() < 16; rest >>= 4)
    tag += digits[rest & 15];
  return tag;
}

} // namespace sallyport::sip
