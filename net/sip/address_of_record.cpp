#include "net/sip/address_of_record.hpp"

#include <algorithm>

#include "net/sip/characters.hpp"
#include "net/sip/uri.hpp"

namespace sallyport::sip {

std::optional<std::string> address_of_record(std::string_view user, std::string_view host) {
  auto address = unescape(user);
  const auto is_unfit = [](char character) {
    return static_cast<unsigned char>(character) < 0x20 || character == 0x7f || character == '@';
  };
  if (address.empty() || std::ranges::any_of(address, is_unfit))
    return std::nullopt;
  address += '@';
  std::ranges::transform(host, std::back_inserter(address), to_lower);
  return address;
}

bool is_address_of_record(std::string_view user, std::string_view host, std::string_view canonical) {
  const auto at = canonical.find('@');
  if (at == std::string_view::npos || !equal_in_any_case(host, canonical.substr(at + 1)))
    return false;
  const auto wanted = canonical.substr(0, at);
  return user.find('%') == std::string_view::npos ? user == wanted : unescape(user) == wanted;
}

} // namespace sallyport::sip
