#include "actors/access/access_lane.hpp"

namespace sallyport::actors {

access_lane::access_lane(caf::actor_system& system, io::lane& home, const io::sip_settings& sip,
                         const desk_settings& desk, std::span<const std::unique_ptr<io::inbox<desk_order>>> inboxes)
  : desk_{system, home, desk, inboxes}, endpoint_{home, sip, desk_} {
  desk_.serve(endpoint_);
  demultiplexer_.serve(io::stream_protocol::sip, endpoint_.door(side::outside));
}

result<void, std::string> access_lane::open(const access_doors& doors) {
  const auto add = [this](const io::listener_options& options, admission& gate,
                          io::stream_acceptor& acceptor) -> result<void, std::string> {
    auto opened = io::listener::open(endpoint_.home(), options, gate, acceptor);
    if (!opened)
      return fail("cannot listen on " + options.local.text() + ": " + opened.error().text());
    listeners_.push_back(std::move(*opened));
    return {};
  };
  demultiplexer_.decide_within(doors.decision_time);
  for (const auto& options : doors.outside)
    if (auto added = add(options, *doors.outside_gate, demultiplexer_); !added)
      return added;
  return add(doors.inside, *doors.inside_gate, endpoint_.door(side::inside));
}

void access_lane::close() {
  listeners_.clear();
  demultiplexer_.close_all(io::close_reason::local_shutdown);
  endpoint_.close_all(io::close_reason::local_shutdown);
}

} // namespace sallyport::actors
