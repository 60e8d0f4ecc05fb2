#include "net/sip/transaction_key.hpp"

#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

constexpr char separator = '\n'; // Cannot stand inside any of the parts.

void append_lower(std::string& key, std::string_view text) {
  for (const char character : text)
    key += character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
  key += separator;
}

std::string_view tag_of(std::string_view name_addr_value) {
  const auto parsed = parse_name_addr(name_addr_value);
  return parsed ? parsed->tag : std::string_view{};
}

void append_old_rule(std::string& key, const message_view& request, std::string_view top_via) {
  const auto sequence = parse_cseq(request.value(header_id::cseq));
  key += request.request_uri();
  key += separator;
  key += tag_of(request.value(header_id::from));
  key += separator;
  key += request.value(header_id::call_id);
  key += separator;
  key += sequence ? std::to_string(sequence->number) : std::string{request.value(header_id::cseq)};
  key += separator;
  key += top_via;
}

} // namespace

bool write_server_key(std::string& key, const arrival& from, const message_view& request, std::string_view as) {
  const auto top = first_value(request, header_id::via);
  const auto parsed = top ? parse_via(*top) : result<via, parse_error>{fail(parse_error::bad_via)};
  if (!parsed)
    return false;

  key.clear();
  key += from.from == side::outside ? 'o' : 'i';
  if (from.from == side::outside)
    key.append(reinterpret_cast<const char*>(from.source.address.bytes().data()), 16);
  key += as;
  key += separator;
  // The cookie alone is no branch : such a request is matched as an old one would be (RFC 4475, 3.2.1).
  if (!parsed->has_magic_cookie() || parsed->branch.size() <= 7) {
    append_old_rule(key, request, *top);
    return true;
  }
  append_lower(key, parsed->host);
  key += std::to_string(parsed->port.value_or(0));
  key += separator;
  append_lower(key, parsed->branch);
  return true;
}

} // namespace sallyport::sip
