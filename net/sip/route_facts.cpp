#include "net/sip/route_facts.hpp"

#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

constexpr unsigned popped_max = 4;

bool is_us(const uri& target, const edge_identity& identity) {
  return target.is_sip() && identity.is_us(target.host, target.port.value_or(0));
}

/// The user part of a Route value that names us; nothing if it names somebody else.
std::optional<std::string_view> own_user(std::string_view route_value, const edge_identity& identity) {
  const auto hop = parse_name_addr(route_value);
  const auto target = hop ? parse_uri(hop->uri) : result<uri, parse_error>{fail(parse_error::bad_uri)};
  if (!target || !is_us(*target, identity))
    return std::nullopt;
  return target->user;
}

std::string_view last_route(const message_view& request) {
  std::string_view last;
  for (value_cursor routes{request, header_id::route}; const auto value = routes.next();)
    last = *value;
  return last;
}

} // namespace

route_facts preprocess_routes(const message_view& request, const edge_identity& identity, const token_keys& keys) {
  route_facts facts;
  const auto verify = [&](std::string_view user) { return keys.verify(user, request.value(header_id::call_id)); };
  auto remaining = count_values(request, header_id::route);

  const auto target = parse_uri(request.request_uri());
  if (target && is_us(*target, identity) && remaining > 0 && !target->user.empty()) {
    // 16.4: a strict router before us put what we once wrote into a Record-Route into the Request-URI.
    const auto token = verify(target->user);
    const auto last = parse_name_addr(last_route(request));
    if ((token || token.error() != token_error::not_ours) && last) {
      facts.is_strict = true;
      facts.request_uri = std::string{last->uri};
      facts.token = token;
      --remaining;
    }
  }

  value_cursor routes{request, header_id::route};
  std::string_view pair_user;
  for (unsigned of_pair = 0; of_pair < 2 && facts.popped < popped_max && remaining > 0; ++facts.popped, --remaining) {
    const auto value = routes.next();
    const auto user = value ? own_user(*value, identity) : std::nullopt;
    // Two own values are one double Record-Route only if they are alike: the next pair belongs to another pass.
    if (!user || (of_pair > 0 && *user != pair_user))
      break;
    if (user->empty()) // Preloaded by a client that has us as its outbound proxy.
      continue;
    pair_user = *user;
    ++of_pair;
    if (!facts.token)
      facts.token = verify(*user);
  }
  facts.has_foreign_next = remaining > 0;

  const auto final_target = facts.is_strict ? parse_uri(facts.request_uri) : target;
  facts.is_addressed_to_us = final_target && is_us(*final_target, identity) && final_target->user.empty();
  return facts;
}

} // namespace sallyport::sip
