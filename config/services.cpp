#include "config/services.hpp"

#include <algorithm>
#include <array>

namespace sallyport::config {

namespace {

constexpr std::array<service_row, 3> services{{
  {service::access, "access", true},
  {service::av, "av", true},
  {service::conferencing, "conferencing", false},
}};

} // namespace

std::span<const service_row> service_table() noexcept {
  return services;
}

const service_row* find_service(std::string_view name) noexcept {
  const auto* found = std::ranges::find(services, name, &service_row::name);
  return found == services.end() ? nullptr : found;
}

std::string_view to_string(service which) noexcept {
  return services[static_cast<std::size_t>(which)].name;
}

std::string service_set::text() const {
  std::string listed;
  for (const auto& row : services)
    if (contains(row.which))
      listed.append(listed.empty() ? "" : ", ").append(row.name);
  return listed.empty() ? "none" : listed;
}

} // namespace sallyport::config
