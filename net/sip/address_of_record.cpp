#include "net/sip/address_of_record.hpp"

#include <algorithm>

#include "net/sip/headers.hpp"

namespace sallyport::sip {
namespace {

std::string lower(std::string_view text) {
  std::string lowered{text};
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return lowered;
}

} // namespace

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
  return address + '@' + lower(target->host);
}

std::string domain_of(std::string_view uri_text) {
  const auto target = parse_uri(uri_text);
  return target && target->is_sip() ? lower(target->host) : std::string{};
}

} // namespace sallyport::sip
