#include "actors/port_plan.hpp"

#include <algorithm>

namespace sallyport::actors {
namespace {

bool is_one_port(const port_terms& one, const port_terms& other) {
  return one.local == other.local && (one.over == transport::udp) == (other.over == transport::udp);
}

bool may_share(const port_terms& one, const port_terms& other) {
  return one == other && one.is_shared && one.over != transport::udp;
}

/// The services' ports so far.
class planner {
public:
  explicit planner(std::span<const wanted_addresses> services) : services_{services} {}

  /// `service` has its address at this port from now on.
  result<void, std::string> add(std::size_t service, const service_address& wanted) {
    auto port = std::ranges::find_if(planned_, [&](const auto& known) { return is_one_port(known.at, wanted.at); });
    if (port == planned_.end())
      port = planned_.insert(port, {wanted.at, {}});
    else if (!may_share(port->at, wanted.at))
      return fail(std::string{services_[service].name} + " cannot share " + wanted.at.local.text() +
                  ", which is another's");
    for (const auto& takes : wanted.takes) {
      const auto taker =
        std::ranges::find(port->takers, takes.protocol, [](const auto& t) { return t.takes.protocol; });
      if (taker != port->takers.end())
        return fail(std::string{services_[service].name} + " and " + services_[taker->service].name + " both take " +
                    std::string{to_string(takes.protocol)} + " at " + wanted.at.local.text());
      port->takers.push_back({service, takes});
    }
    return {};
  }
  std::vector<planned_port> take() { return std::move(planned_); }

private:
  std::span<const wanted_addresses> services_;
  std::vector<planned_port> planned_;
};

} // namespace

result<std::vector<planned_port>, std::string> plan_ports(std::span<const wanted_addresses> services) {
  planner plan{services};
  for (std::size_t service = 0; service < services.size(); ++service)
    for (const auto& wanted : services[service].addresses)
      if (const auto added = plan.add(service, wanted); !added)
        return fail(added.error());
  return plan.take();
}

} // namespace sallyport::actors
