#include "net/sip/registration_claim.hpp"

#include <algorithm>

#include "net/sip/characters.hpp"
#include "net/sip/headers.hpp"

namespace sallyport::sip {
namespace {

/// RFC 3261, 10.2.1.1 leaves it to the registrar where nobody names a time; 10.3 takes an hour for what cannot be read.
constexpr seconds default_lifetime{3'600};

std::optional<seconds> seconds_in(std::string_view value) {
  const auto read = parse_delta_seconds(value);
  return read ? std::optional{seconds{*read}} : std::nullopt;
}

/// Of one Contact: its own parameter counts before the message's Expires (RFC 3261, 10.2.1.1 and 10.3 step 7).
std::optional<seconds> lifetime_of(const name_addr& contact, const message_view& said) {
  const auto own = seconds_in(param(contact.params, "expires").value_or(""));
  return own ? own : seconds_in(said.value(header_id::expires));
}

/// RFC 3261, 19.1.4 as far as it tells two contacts of one user apart: what a registrar adds to a URI's parameters does
/// not make it another's.
bool is_same_address(std::string_view one, std::string_view other) {
  const auto left = parse_uri(one);
  const auto right = parse_uri(other);
  if (!left || !right || !left->is_sip() || !right->is_sip())
    return one == other;
  return left->is_sips() == right->is_sips() && unescape(left->user) == unescape(right->user) &&
         equal_in_any_case(left->host, right->host) && left->port == right->port;
}

/// RFC 5626, 6: an instance and its reg-id name a binding, whatever its URI is by now. Some registrars keep the
/// instance and leave out the reg-id.
bool is_same_contact(const name_addr& asked, const name_addr& granted) {
  const auto instance = param(asked.params, "+sip.instance");
  const auto granted_instance = param(granted.params, "+sip.instance");
  if (!instance || !granted_instance)
    return is_same_address(asked.uri, granted.uri);
  const auto granted_flow = param(granted.params, "reg-id");
  return *instance == *granted_instance &&
         (!granted_flow || *granted_flow == param(asked.params, "reg-id").value_or(""));
}

} // namespace

registration_claim::registration_claim(prove_flow proof, const message_view& registration) : proof_{std::move(proof)} {
  for (value_cursor values{registration, header_id::contact}; const auto value = values.next();) {
    is_query_ = false;
    const auto contact = parse_name_addr(*value);
    if (contact && !contact->is_star() && contacts_.size() < contacts_max)
      contacts_.push_back({std::string{*value}, lifetime_of(*contact, registration).value_or(default_lifetime)});
  }
}

std::optional<prove_flow> registration_claim::granted_by(const message_view& success) const {
  if (is_query_)
    return std::nullopt;
  auto granted = proof_;
  granted.lifetime = seconds{0};
  bool is_found = false;
  std::optional<seconds> longest; // Of all that is listed.
  for (value_cursor values{success, header_id::contact}; const auto value = values.next();) {
    const auto listed = parse_name_addr(*value);
    if (!listed)
      continue;
    const auto lifetime = lifetime_of(*listed, success);
    if (lifetime)
      longest = std::max(longest.value_or(seconds{0}), *lifetime);
    for (const auto& asked : contacts_)
      if (is_same_contact(*parse_name_addr(asked.value), *listed)) {
        is_found = true;
        granted.lifetime = std::max(granted.lifetime, lifetime.value_or(asked.lifetime));
      }
  }
  if (!is_found)
    granted.lifetime = unnamed_lifetime(longest ? longest : seconds_in(success.value(header_id::expires)));
  return granted;
}

seconds registration_claim::unnamed_lifetime(std::optional<seconds> named) const {
  seconds asked{0};
  for (const auto& contact : contacts_)
    asked = std::max(asked, contact.lifetime);
  return std::min(asked, named.value_or(asked));
}

} // namespace sallyport::sip
