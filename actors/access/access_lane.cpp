#include "actors/access/access_lane.hpp"

namespace sallyport::actors {

access_lane::access_lane(caf::actor_system& system, io::lane& home, const io::sip_settings& sip,
                         const desk_settings& desk, std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes)
  : desk_{system, home, desk, inboxes}, endpoint_{home, sip, desk_} {
  desk_.serve(endpoint_);
}

result<void, std::string> access_lane::open(const access_doors& doors) {
  const auto add = [this](const io::port_options& options, side from) -> result<void, std::string> {
    auto& added = ports_.emplace_back(endpoint_.home(), options);
    added.serve(io::stream_protocol::sip, io::proof::registration, endpoint_.door(from));
    if (const auto opened = added.open(); !opened)
      return fail("cannot listen on " + options.listening.local.text() + ": " + opened.error().text());
    return {};
  };
  for (const auto& options : doors.outside)
    if (auto added = add(options, side::outside); !added)
      return added;
  return add(doors.inside, side::inside);
}

void access_lane::close() {
  for (auto& each : ports_)
    each.close();
  endpoint_.close_all(io::close_reason::local_shutdown);
}

} // namespace sallyport::actors
