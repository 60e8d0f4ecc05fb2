#include "net/sip/address_of_record.hpp"

#include <algorithm>

#include "net/sip/headers.hpp"

namespace sallyport::sip {

std::optional<std::string> address_of_record(std::string_view value) {
  const auto party = parse_name_addr(value);
  const auto target = party ? parse_uri(party->uri) : result<uri, parse_error>{fail(parse_error::bad_uri)};
  if (!target || !target->is_sip() || target->user.empty())
    return std::nullopt;
  auto address = unescape(target->user);
  const auto is_unfit = [](char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7f || character == '@';
  };
  if (std::ranges::any_of(address, is_unfit))
    return std::nullopt;
  address += '@';
  for (const char character : target->host)
    address += character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
  return address;
}

} // namespace sallyport::sip
