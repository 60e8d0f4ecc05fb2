#include "net/sip/route_facts.hpp"

#include <array>
#include <string_view>

#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"

namespace sallyport::sip {
namespace {

constexpr unsigned popped_max = 4;

bool is_us(const uri& target, const edge_identity& identity) {
  return target.is_sip() && identity.is_us(target.host, target.port.value_or(0));
}

/// One Route value.
struct hop {
  std::string_view uri_text;
  std::optional<std::string_view> own_user; ///< The user part, if the value names us.
  bool is_loose = true;
};

/// The Route as far as anybody asks: the values that may be popped and one more, the last one, and how many there are.
struct hops {
  std::array<hop, popped_max + 1> top;
  std::string_view last;
  std::size_t count = 0;
};

result<hop, parse_error> read_hop(std::string_view value, const edge_identity& identity) {
  const auto route = parse_name_addr(value);
  const auto target = route ? parse_uri(route->uri) : result<uri, parse_error>{fail(parse_error::bad_uri)};
  if (!target)
    return fail(parse_error::bad_uri);
  hop read{.uri_text = route->uri, .own_user = {}, .is_loose = target->param("lr").has_value()};
  if (is_us(*target, identity))
    read.own_user = target->user;
  return read;
}

result<hops, parse_error> read_hops(const message_view& request, const edge_identity& identity) {
  hops all;
  for (value_cursor values{request, header_id::route}; const auto value = values.next(); ++all.count) {
    const auto read = read_hop(*value, identity);
    if (!read)
      return fail(read.error());
    if (all.count < all.top.size())
      all.top[all.count] = *read;
    all.last = read->uri_text;
  }
  return all;
}

} // namespace

result<route_facts, parse_error> read_routes(const message_view& request, const uri* target,
                                             const edge_identity& identity, const token_keys& keys) {
  const auto all = read_hops(request, identity);
  if (!all)
    return fail(all.error());
  route_facts facts;
  const auto verify = [&](std::string_view user) { return keys.verify(user, request.value(header_id::call_id)); };
  auto remaining = all->count;

  bool is_target_us = target != nullptr && is_us(*target, identity);
  bool has_target_user = target != nullptr && !target->user.empty();
  if (is_target_us && has_target_user && remaining > 0) {
    // 16.4: a strict router before us put what we once wrote into a Record-Route into the Request-URI.
    const auto token = verify(target->user);
    if (token || token.error() != token_error::not_ours) {
      facts.is_strict = true;
      facts.request_uri = text_place{request, all->last};
      facts.token = token;
      --remaining;
      const auto repaired = parse_uri(all->last);
      is_target_us = repaired && is_us(*repaired, identity);
      has_target_user = repaired && !repaired->user.empty();
    }
  }

  std::string_view pair_user;
  for (unsigned of_pair = 0; of_pair < 2 && facts.popped < popped_max && remaining > 0; ++facts.popped, --remaining) {
    const auto& user = all->top[facts.popped].own_user;
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
  facts.is_next_strict = facts.has_foreign_next && !all->top[facts.popped].is_loose;
  facts.is_addressed_to_us = is_target_us && !has_target_user;
  return facts;
}

} // namespace sallyport::sip
