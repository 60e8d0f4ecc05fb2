#include "actors/node.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/policy/work_sharing.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <set>
#include <thread>

#include "actors/connection_settings.hpp"
#include "actors/file_limit.hpp"
#include "actors/spare_threads.hpp"
#include "actors/stop_limit.hpp"
#include "actors/supervisor.hpp"
#include "config/list_limits.hpp"
#include "config/reload.hpp"
#include "net/io/cores.hpp"
#include "net/io/log.hpp"
#include "net/io/socket.hpp"

namespace sallyport::actors {

namespace {

/// Another node of this host must not be joined on its port.
void require_unused(const port_terms& at) {
  const auto type = at.over == transport::udp ? SOCK_DGRAM : SOCK_STREAM;
  if (const auto unused = io::require_unused(at.local, type); !unused)
    throw std::runtime_error{"cannot listen on " + at.local.text() + ": " + unused.error().text()};
}

/// What cannot be posted to a lane, for want of memory or because it does not get to what was posted before, it ends
/// without.
void ask(io::lane& of, std::function<void()> what) {
  try {
    of.post(std::move(what));
  } catch (const std::exception&) {
    of.stop();
  }
}

/// False when it is still so after `longest`.
template <class Condition>
bool wait_while(Condition&& is_so, milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (is_so()) {
    if (std::chrono::steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(milliseconds{1});
  }
  return true;
}

/// What its supervisor is registered as: lanes find it by this.
caf::atom_value atom_of(const service& which) {
  return caf::atom_from_string(std::string{which.name()});
}

} // namespace

/// The actor system and the handle of its root.
struct node::actor_world {
  struct settings : caf::actor_system_config {
    settings() {
      // Work stealing, the default, collapses on a fan-out to many actors.
      set("scheduler.policy", caf::atom("sharing"));
      set("scheduler.max-throughput", std::size_t{50});
      const std::size_t workers = std::max(4U, std::thread::hardware_concurrency());
      set("scheduler.max-threads", workers);
      // A system that gets one thread too few does not throw: it waits for ever for those there are, or aborts. Besides
      // its workers it has a clock and a printer.
      require_threads(workers + 2);
    }
  };
  settings config;
  caf::actor_system system{config};
  caf::actor root;
};

node::node(node_materials made_of, std::span<const service_kind> kinds, std::function<void()> on_failure)
  : made_of_{std::move(made_of)}, on_failure_{std::move(on_failure)}, outside_tls_{made_of_.tls.outside},
    inside_tls_{made_of_.tls.inside}, outside_gate_{make_source_limits(made_of_.settings.limits)} {
  const auto cores = io::usable_cores();
  const auto lanes =
    made_of_.settings.node.lanes == 0 ? std::min(cores.size(), config::lanes_max) : made_of_.settings.node.lanes;
  for (const auto& kind : kinds)
    if (auto made = kind.make(made_of_, lanes))
      services_.push_back({std::move(made), std::make_unique<session_tally>()});
  plan_ports();
  raise_files();
  try {
    start_actors();
    for (std::size_t lane = 0; lane < lanes; ++lane)
      make_lane(static_cast<std::uint8_t>(lane), lanes);
    for (const auto& parts : lanes_)
      for (const auto& share : parts.services)
        share->begin();
    serve_metrics();
    follow_addresses();
    run_lanes();
  } catch (...) { // There may be threads already: not every lane may get one.
    stop();
    throw;
  }
}

node::~node() {
  stop();
}

void node::plan_ports() {
  std::vector<wanted_addresses> wanted;
  for (const auto& each : services_)
    wanted.push_back({each.what->name(), each.what->addresses()});
  auto planned = actors::plan_ports(wanted);
  if (!planned)
    throw std::runtime_error{planned.error()};
  for (auto& port : *planned) {
    require_unused(port.at);
    if (port.at.over == transport::tls && !certificates(port.at.from).get())
      throw std::runtime_error{"there is no certificate to show at " + port.at.local.text()};
    auto peers = port.at.from == side::inside ? std::make_unique<peer_gate>(port.at.peers) : nullptr;
    ports_.push_back({std::move(port), std::move(peers)});
  }
}

void node::raise_files() const {
  const bool takes_connections =
    std::ranges::any_of(ports_, [](const auto& port) { return !port.plan.takers.empty(); });
  std::size_t relays_max = 0;
  for (const auto& each : services_)
    relays_max += each.what->files_max();
  raise_file_limit(takes_connections ? made_of_.settings.limits.connections.connections_max : 0, relays_max);
}

void node::start_actors() {
  world_ = std::make_unique<actor_world>();
  using sharing = caf::scheduler::coordinator<caf::policy::work_sharing>;
  if (!dynamic_cast<sharing*>(&world_->system.scheduler()))
    throw std::runtime_error{"the actor scheduler is not 'sharing'"};

  const auto& intensity = made_of_.settings.limits.restart_intensity;
  supervisor_spec spec{.children = {}, .intensity = {intensity.restarts_max, intensity.within}};
  for (const auto& each : services_) {
    const auto start = [name = each.what->name(), registered = atom_of(*each.what),
                        tally = each.sessions.get()](caf::scheduled_actor& parent) {
      return start_service(parent.system(), name, registered, *tally);
    };
    spec.children.push_back({each.what->name(), start});
  }
  world_->root = world_->system.spawn(supervisor_actor, std::move(spec));
  world_->root->attach_functor([this](const caf::error& reason) {
    if (reason != caf::exit_reason::user_shutdown) // `end_actors` says so.
      on_failure_();
  });
}

void node::make_lane(std::uint8_t index, std::size_t lanes) {
  auto lane = std::make_unique<io::lane>(index, io::lane_limits{}, &io::read_clocks, lines_);
  auto& made = lanes_.emplace_back(); // `stop` finds a lane in each.
  made.lane = std::move(lane);
  for (const auto& each : services_)
    made.services.push_back(each.what->join(world_->system, *made.lane));
  for (const auto& port : ports_)
    if (!port.plan.takers.empty())
      open_port(made, port, made_of_.settings.limits.connections.connections_max / lanes + 1);
}

void node::open_port(lane_parts& on, const node_port& planned, std::size_t connections_max) {
  const auto& [at, takers] = planned.plan;
  const auto& limits = made_of_.settings.limits;
  const auto unproved =
    at.from == side::outside ? std::optional{make_unproved_limits(limits, connections_max)} : std::nullopt;
  auto& made = on.ports.emplace_back(
    *on.lane, io::port_options{.listening = {.local = at.local,
                                             .tls = at.over == transport::tls ? &certificates(at.from) : nullptr,
                                             .streams = make_stream_limits(limits),
                                             .unproved = unproved,
                                             .lane_connections_max = connections_max + at.connections_reserved},
                               .gate = planned.peers ? static_cast<admission*>(planned.peers.get()) : &outside_gate_,
                               .decision_time = limits.connections.protocol_timeout,
                               .is_shared = at.is_shared});
  for (const auto& [service, takes] : takers)
    made.serve(takes.protocol, takes.proved_by, on.services[service]->acceptor(at.from, takes.protocol));
  if (const auto opened = made.open(); !opened)
    throw std::runtime_error{"cannot listen on " + at.local.text() + ": " + opened.error().text()};
}

void node::serve_metrics() {
  const auto& listen = made_of_.settings.metrics.listen;
  if (!listen)
    return;
  std::vector<lane_metrics> lanes;
  for (const auto& parts : lanes_) {
    lanes.push_back({&parts.lane->counters(), &parts.lane->longest_turn(), {}});
    for (const auto& share : parts.services)
      lanes.back().services.push_back(share.get());
  }
  std::vector<service_metrics> services;
  for (const auto& each : services_)
    services.push_back({each.what->name(), each.sessions.get()});
  std::set<io::proof> proofs;
  for (const auto& port : ports_)
    for (const auto& taker : port.plan.takers)
      proofs.insert(taker.takes.proved_by);
  metrics_ = std::make_unique<metrics_listener>(
    *listen, std::make_shared<metrics>(std::move(lanes), std::move(services), std::move(proofs)));
}

/// What the host gains is none of what relays may reach, from then on.
void node::follow_addresses() {
  addresses_ = std::make_unique<io::address_watch>(made_of_.local_addresses, [this](const auto& now) {
    for (const auto& each : services_)
      each.what->take_addresses(now);
  });
}

void node::run_lanes() {
  const auto cores = io::usable_cores();
  for (auto& parts : lanes_) {
    const auto core = cores[parts.lane->index() % cores.size()];
    parts.thread = std::thread{[this, lane = parts.lane.get(), core, pin = cores.size() > 1] {
      if (pin && !io::pin_this_thread(core))
        log::warn("lane not pinned lane={} core={}", lane->index(), core);
      lane->run();
      --lanes_running_;
    }};
    ++lanes_running_;
  }
}

void node::renew(const node_materials& read) {
  std::vector<service::takeover> made;
  for (const auto& each : services_)
    if (auto takeover = each.what->renew(read))
      made.push_back(std::move(takeover));
  // A file that no longer has the service has no certificate for it either: what runs on keeps its own.
  if (read.tls.outside)
    outside_tls_.swap(read.tls.outside);
  if (read.tls.inside)
    inside_tls_.swap(read.tls.inside);
  for (const auto& take_over : made)
    take_over();
  addresses_->look();
}

std::vector<std::string> node::keys_for_restart(const config::model& read) const {
  return config::keys_for_restart(made_of_.settings, read);
}

std::vector<port_terms> node::listening() const {
  std::vector<port_terms> at;
  for (const auto& port : ports_)
    at.push_back(port.plan.at);
  return at;
}

std::vector<std::string> node::ready_facts() const {
  std::vector<std::string> facts;
  for (const auto& each : services_)
    if (auto fact = each.what->ready_facts(); !fact.empty())
      facts.push_back(std::move(fact));
  return facts;
}

// The order is the one that caf::actor_system needs: no lane sends any more, then no actor runs any more, then the
// system goes, and last what its actors pointed to (our members, in the order of their declaration).
void node::stop() {
  addresses_.reset(); // What it sees it posts to the lanes.
  close_lanes();
  for (auto& parts : lanes_)
    for (auto& share : parts.services)
      share->end();
  if (world_)
    end_actors();
  metrics_.reset();
  lanes_.clear();
}

void node::close_lanes() {
  for (auto& parts : lanes_) {
    for (auto& port : parts.ports)
      ask(*parts.lane, [&port] { port.close(); });
    for (auto& share : parts.services)
      ask(*parts.lane, [share = share.get()] { share->close(); });
  }
  // Closing takes a round trip at most; who does not answer is cut off when the lane goes.
  const auto has_connections = [](const auto& parts) { return parts.lane->counters().live.read() != 0; };
  wait_while([&] { return lanes_running_ != 0 && std::ranges::any_of(lanes_, has_connections); }, seconds{2});
  for (auto& parts : lanes_) // Behind what was posted above: a lane that is busy just now closes too,
    ask(*parts.lane, [lane = parts.lane.get()] { lane->stop(); });
  wait_while([&] { return lanes_running_ != 0; }, seconds{1});
  for (auto& parts : lanes_) // unless there is no end to what it is busy with.
    parts.lane->stop();
  for (auto& parts : lanes_)
    if (parts.thread.joinable())
      parts.thread.join();
}

void node::end_actors() {
  for (const auto& each : services_)
    world_->system.registry().erase(atom_of(*each.what));
  caf::anon_send_exit(world_->root, caf::exit_reason::user_shutdown);
  world_->root = nullptr;
  const auto are_running = [this] { return world_->system.registry().running() != 0; };
  if (!wait_while(are_running, seconds{5})) // The system would wait for them for ever.
    end_process("its actors do not end");
  world_.reset();
}

} // namespace sallyport::actors
