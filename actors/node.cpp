#include "actors/node.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/send.hpp>

#include <cstdlib>

#include "actors/access_settings.hpp"
#include "actors/av_settings.hpp"
#include "actors/supervisor.hpp"
#include "net/io/cores.hpp"
#include "net/io/log.hpp"
#include "net/io/socket.hpp"

namespace sallyport::actors {

namespace {

/// Another node of this host must not be joined on its port. `type`: SOCK_STREAM or SOCK_DGRAM.
void require_unused(const endpoint& local, int type) {
  if (const auto unused = io::require_unused(local, type); !unused)
    throw std::runtime_error{"cannot listen on " + local.text() + ": " + unused.error().text()};
}

/// A service's session supervisor, which the service's lanes find in the registry.
child_spec service_child(const char* name, caf::atom_value registered, session_tally& tally) {
  return {name, [=, tally = &tally](caf::scheduled_actor& parent) -> caf::actor {
            return start_service(parent.system(), name, registered, *tally);
          }};
}

} // namespace

/// The actor system and the handle of its root.
struct node::actor_world {
  struct settings : caf::actor_system_config {
    settings() {
      // Work stealing, the default, collapses on a fan-out to many actors.
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-throughput", std::size_t{50});
    }
  };
  settings config;
  caf::actor_system system{config};
  caf::actor root;
};

node::node(materials made_of)
  : made_of_{std::move(made_of)}, outside_tls_{made_of_.tls.outside}, inside_tls_{made_of_.tls.inside},
    next_hop_tls_{made_of_.tls.next_hop}, outside_gate_{make_source_limits(made_of_.settings.limits)},
    inside_gate_{made_of_.settings.access ? made_of_.settings.access->inside.peers : std::vector<ip_prefix>{}} {
  const auto& settings = made_of_.settings;
  const auto cores = io::usable_cores();
  const auto lanes = settings.node.lanes == 0 ? cores.size() : settings.node.lanes;
  for (std::size_t i = 0; i < lanes; ++i) {
    // Half of `lane_inbox_max` is the credit of what can be refused; what cannot (an actor's end, a final response, a
    // deadline) is bounded by the sessions and transactions there are.
    inboxes_.push_back(std::make_unique<io::inbox<desk_order>>(
      settings.limits.lane_inbox_max + settings.limits.sessions_max + settings.limits.transactions_max));
    lanes_.push_back({.lane = std::make_unique<io::lane>(static_cast<std::uint8_t>(i))});
  }
  start_actors();
  if (settings.access) {
    make_access();
    open_access();
  }
  if (settings.av)
    make_av();
  serve_metrics();
  run_lanes();
}

node::~node() = default;

void node::start_actors() {
  world_ = std::make_unique<actor_world>();
  using sharing = caf::scheduler::coordinator<caf::policy::work_sharing>;
  if (!dynamic_cast<sharing*>(&world_->system.scheduler()))
    throw std::runtime_error{"the actor scheduler is not 'sharing'"};

  const auto& intensity = made_of_.settings.limits.restart_intensity;
  supervisor_spec spec{.children = {}, .intensity = {intensity.restarts_max, intensity.within}};
  if (made_of_.settings.access)
    spec.children.push_back(service_child("access", caf::atom("access"), access_tally_));
  if (made_of_.settings.av)
    spec.children.push_back(service_child("av", caf::atom("av"), av_tally_));
  world_->root = world_->system.spawn(supervisor_actor, std::move(spec));
}

void node::make_access() {
  const auto& settings = made_of_.settings;
  auto sip = make_sip_settings(settings, made_of_.identity, made_of_.keys, lanes_.size());
  if (made_of_.tls.next_hop)
    sip.next_hops.front().tls = &next_hop_tls_;
  const auto desk = make_desk_settings(settings, made_of_.identity, made_of_.keys, lanes_.size());
  for (auto& parts : lanes_)
    parts.access = std::make_unique<access_lane>(world_->system, *parts.lane, sip, desk, inboxes_);
}

void node::open_access() {
  const auto& settings = made_of_.settings;
  const auto connections = settings.limits.connections_max / lanes_.size() + 1;
  const auto reserved = io::sip_settings{}.inside_flows_reserved;
  access_doors doors{.outside = {},
                     .inside = {.listening = {.local = settings.access->inside.listen,
                                              .tls = made_of_.tls.inside ? &inside_tls_ : nullptr,
                                              .streams = make_stream_limits(settings.limits),
                                              .lane_connections_max = connections + reserved},
                                .gate = &inside_gate_,
                                .is_shared = false}};
  for (const auto& address : settings.access->outside.listen)
    doors.outside.push_back({.listening = {.local = address,
                                           .tls = &outside_tls_,
                                           .streams = make_stream_limits(settings.limits),
                                           .lane_connections_max = connections},
                             .gate = &outside_gate_,
                             .decision_time = settings.limits.protocol_timeout});
  require_unused(doors.inside.listening.local, SOCK_STREAM);
  for (const auto& door : doors.outside)
    require_unused(door.listening.local, SOCK_STREAM);
  for (auto& parts : lanes_)
    if (const auto opened = parts.access->open(doors); !opened)
      throw std::runtime_error{opened.error()};
}

void node::make_av() {
  const auto& settings = made_of_.settings;
  const auto doors = av_doors(*settings.av);
  for (const auto& door : doors)
    require_unused(door, SOCK_DGRAM);
  relays_ = std::make_unique<io::shared_relay_pool>(make_relay_shares(settings));
  peers_ = std::make_unique<const policy::peer_access>(policy::describe_peers(settings, made_of_.local_addresses));
  const auto limits = make_allocation_limits(settings.limits);
  const auto who = make_authenticator(settings, made_of_.keys, made_of_.turn);
  for (auto& parts : lanes_) {
    // What can be refused is bounded by the requests in flight; deadlines and ends by the allocations there are.
    allocation_inboxes_.push_back(std::make_unique<io::inbox<allocation_order>>(
      settings.limits.turn_requests_in_flight_max + 2 * settings.limits.allocations_max));
    parts.av = std::make_unique<av_lane>(world_->system, *parts.lane, limits,
                                         make_turn_settings(settings, made_of_.identity, who, *peers_, lanes_.size()),
                                         *relays_, *allocation_inboxes_.back());
    if (const auto opened = parts.av->open(doors); !opened)
      throw std::runtime_error{"cannot listen on " + opened.error()};
  }
}

void node::serve_metrics() {
  const auto& listen = made_of_.settings.metrics.listen;
  if (!listen)
    return;
  std::vector<lane_metrics> read;
  for (const auto& parts : lanes_)
    read.push_back({.connections = &parts.lane->counters(),
                    .sip = parts.access ? &parts.access->sip_counters() : nullptr,
                    .sessions = parts.access ? &parts.access->sessions() : nullptr,
                    .turn = parts.av ? &parts.av->counters() : nullptr,
                    .allocations_lost = parts.av ? &parts.av->lost() : nullptr});
  std::vector<service_metrics> services;
  if (made_of_.settings.access)
    services.push_back({"access", &access_tally_});
  if (made_of_.settings.av)
    services.push_back({"av", &av_tally_});
  metrics_ =
    std::make_unique<metrics_listener>(*listen, std::make_shared<metrics>(std::move(read), std::move(services)));
}

void node::run_lanes() {
  const auto cores = io::usable_cores();
  for (auto& parts : lanes_) {
    const auto core = cores[parts.lane->index() % cores.size()];
    parts.thread = std::thread{[lane = parts.lane.get(), core, pin = cores.size() > 1] {
      if (pin && !io::pin_this_thread(core))
        log::warn("lane not pinned lane={} core={}", lane->index(), core);
      lane->run();
    }};
  }
}

void node::swap_certificates(const tls_materials& renewed) {
  // A file that no longer has the service has no certificate for it either: what runs on keeps its own.
  if (renewed.outside)
    outside_tls_.swap(renewed.outside);
  if (renewed.inside)
    inside_tls_.swap(renewed.inside);
  if (renewed.next_hop)
    next_hop_tls_.swap(renewed.next_hop);
}

void node::renew_turn_credentials(const config::turn_credentials& renewed) {
  if (!made_of_.settings.av)
    return;
  const auto who = make_authenticator(made_of_.settings, made_of_.keys, renewed);
  for (auto& parts : lanes_)
    parts.lane->post([av = parts.av.get(), who] { av->renew(who); });
}

// The order is the one that caf::actor_system needs: no lane sends any more, then no actor runs any more, then the
// system goes, and last what its actors pointed to (our members, in the order of their declaration).
void node::stop() {
  close_lanes();
  for (auto& parts : lanes_) {
    if (parts.access)
      parts.access->end_sessions();
    if (parts.av)
      parts.av->end_allocations();
  }
  end_actors();
  metrics_.reset(); // Its library takes up to two seconds, and clients need not wait for them.
  for (auto& parts : lanes_) {
    parts.access.reset();
    parts.av.reset();
  }
  lanes_.clear();
}

void node::close_lanes() {
  for (auto& parts : lanes_) {
    if (parts.access)
      parts.lane->post([access = parts.access.get()] { access->close(); });
    if (parts.av)
      parts.lane->post([av = parts.av.get()] { av->close(); });
  }
  // Closing takes a round trip at most; who does not answer is cut off when the lane goes.
  const auto deadline = std::chrono::steady_clock::now() + seconds{2};
  for (auto& parts : lanes_)
    while (parts.lane->counters().live.read() != 0 && std::chrono::steady_clock::now() < deadline)
      std::this_thread::sleep_for(milliseconds{5});
  for (auto& parts : lanes_) { // Behind what was posted above: a lane that is busy just now closes too.
    parts.lane->post([lane = parts.lane.get()] { lane->stop(); });
    parts.thread.join();
  }
}

void node::end_actors() {
  for (const auto service : {caf::atom("access"), caf::atom("av")})
    world_->system.registry().erase(service);
  caf::anon_send_exit(world_->root, caf::exit_reason::user_shutdown);
  world_->root = nullptr;
  const auto deadline = std::chrono::steady_clock::now() + seconds{5};
  while (world_->system.registry().running() != 0) {
    if (std::chrono::steady_clock::now() >= deadline) { // The system would wait for them for ever.
      log::critical("actors do not end running={}", world_->system.registry().running());
      std::_Exit(EXIT_FAILURE);
    }
    std::this_thread::sleep_for(milliseconds{1});
  }
  world_.reset();
}

} // namespace sallyport::actors
