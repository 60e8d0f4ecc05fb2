#include "net/sip/address_of_record.hpp"

#include <algorithm>

#include "net/sip/name_addr.hpp"
#include "net/sip/uri.hpp"

namespace sallyport::sip {
namespace {

std::string lower(std::string_view text) {
  std::string lowered{text};
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; });
  return lowered;
}

} // namespace

std::string address_of_record(std::string_view name_addr_value) {
  const auto value = parse_name_addr(name_addr_value);
  if (!value)
    return {};
  const auto address = parse_uri(value->uri);
  if (!address || !address->is_sip() || address->user.empty())
    return {};
  return unescape(address->user) + '@' + lower(address->host);
}

std::string domain_of(std::string_view uri_text) {
  const auto address = parse_uri(uri_text);
  return address && address->is_sip() ? lower(address->host) : std::string{};
}

} // namespace sallyport::sip
