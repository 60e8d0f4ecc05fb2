#include "net/turn/relay_quotas.hpp"

#include <stdexcept>
#include <utility>

#include "net/core/fault.hpp"
#include "net/core/undo.hpp"

namespace sallyport::turn {

relay_quotas::relay_quotas(relay_ports ports, const relay_limits& limits, const siphash& hash)
  : ports_{std::move(ports)}, limits_{limits}, counts_{0, hash} {}

result<relay_lease, relay_refusal> relay_quotas::take(std::string_view identity, const port_request& request,
                                                      time_point now, std::uint64_t random) {
  const auto known = counts_.find(identity);
  if ((known == counts_.end() ? 0 : known->second) >= limits_.allocations_per_user_max)
    return fail(relay_refusal::quota);
  if (allocations() >= limits_.allocations_max)
    return fail(relay_refusal::capacity);

  const auto lease = draw(request, now, random);
  if (!lease)
    return fail(relay_refusal::capacity);
  undo untaken{[&] {
    ports_.put_back(lease->port, now);
    if (lease->held)
      ports_.release(*lease->held, now);
  }};
  fault::point("relay_quotas::take");
  if (known == counts_.end())
    counts_.emplace(identity, 1);
  else
    ++known->second;
  untaken.keep();
  return *lease;
}

result<relay_lease, relay_refusal> relay_quotas::replace(const relay_lease& unusable, const port_request& request,
                                                         time_point now, std::uint64_t random) {
  if (unusable.held)
    ports_.release(*unusable.held, now);
  const auto lease = draw(request, now, random);
  if (!lease)
    return fail(relay_refusal::capacity);
  ports_.give_back(unusable.port, now); // Only now: without a cooldown it could have been drawn again.
  return *lease;
}

void relay_quotas::give_back(std::string_view identity, std::uint16_t port, time_point now) {
  uncount(identity, [&] { ports_.give_back(port, now); });
}

void relay_quotas::put_back(std::string_view identity, const relay_lease& unused, time_point now) {
  uncount(identity, [&] { ports_.put_back(unused.port, now); });
  if (unused.held)
    ports_.release(*unused.held, now);
}

template <class End>
void relay_quotas::uncount(std::string_view identity, End&& end) {
  const auto known = counts_.find(identity);
  if (known == counts_.end())
    throw std::logic_error{"a relay port was given back for an identity that has none"};
  end();
  if (--known->second == 0)
    counts_.erase(known);
}

std::optional<relay_lease> relay_quotas::draw(const port_request& request, time_point now, std::uint64_t random) {
  std::optional<std::uint16_t> port;
  switch (request.want) {
  case port_request::kind::any:
    port = ports_.take(now, random);
    break;
  case port_request::kind::even:
    port = ports_.take_even(now, random);
    break;
  case port_request::kind::pair:
    if (const auto pair = ports_.take_pair(now, random, request.token))
      return relay_lease{.port = pair->even, .held = pair->token};
    break;
  case port_request::kind::token:
    port = ports_.claim(request.token, now);
    break;
  }
  return port ? std::optional{relay_lease{.port = *port, .held = std::nullopt}} : std::nullopt;
}

} // namespace sallyport::turn
