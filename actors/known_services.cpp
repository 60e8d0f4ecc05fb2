#include "actors/known_services.hpp"

#include "actors/access/access_service.hpp"
#include "actors/av/av_service.hpp"

namespace sallyport::actors {
namespace {

/// Makes the service where the configuration has its section.
template <class Service, auto Section>
std::unique_ptr<service> make(const node_materials& made_of, std::size_t lanes) {
  return made_of.settings.*Section ? std::make_unique<Service>(made_of, lanes) : nullptr;
}

} // namespace

std::span<const service_kind> known_services() {
  static const service_kind kinds[]{
    {read_access, make<access_service, &config::model::access>},
    {read_av, make<av_service, &config::model::av>},
  };
  return kinds;
}

} // namespace sallyport::actors
