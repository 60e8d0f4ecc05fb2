#include <openssl/rand.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sysexits.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>

#include "actors/node.hpp"
#include "config/dev.hpp"
#include "config/loader.hpp"
#include "config/secrets.hpp"
#include "config/validate.hpp"
#include "net/io/interfaces.hpp"
#include "net/io/log.hpp"
#include "policy/topology.hpp"

namespace sallyport {
namespace {

/// A configuration that was read, and everything that is wrong with it.
struct judged {
  actors::node::materials materials;
  config::positions where;
  config::problems found;
};

void add_topology(judged& into) {
  into.materials.local_addresses = io::interface_addresses();
  const auto pool = policy::describe(into.materials.settings, into.materials.local_addresses);
  for (const auto& violation : policy::judge_topology(pool)) {
    const auto field = violation.fields.empty() ? std::string{} : violation.fields.front();
    into.found.push_back(
      into.where.at(field, violation.sentence + " [" + std::string{to_string(violation.rule)} + "]"));
  }
}

void add_keys(judged& into, const config::surroundings& around) {
  std::vector<std::string> secrets;
  for (const auto& source : into.materials.settings.pool.secrets) {
    auto secret = config::read_secret(source, around);
    if (!secret || std::ranges::count(secrets, *secret) != 0)
      return; // `validate` has said why.
    secrets.push_back(std::move(*secret));
  }
  if (into.materials.settings.development)
    secrets.push_back(actors::make_ephemeral_secret());
  if (secrets.empty())
    return;
  auto keys = actors::derive_pool_keys(secrets);
  if (keys)
    into.materials.keys = std::move(*keys);
  else
    into.found.push_back(into.where.at("pool.secrets", keys.error()));
}

void add_tls(judged& into) {
  if (!into.materials.settings.access)
    return;
  try {
    auto loaded = actors::load_tls(into.materials.settings, into.where);
    if (loaded)
      into.materials.tls = std::move(*loaded);
    else
      into.found.insert(into.found.end(), loaded.error().begin(), loaded.error().end());
    if (!loaded && into.found.empty()) // A file that went away after `validate` had read it.
      into.found.push_back(into.where.at("access", "its certificates cannot be read"));
  } catch (const std::runtime_error& refused) { // Sound in our eyes, and not in OpenSSL's.
    into.found.push_back(into.where.at("access", refused.what()));
  }
}

void add_turn(judged& into, const config::surroundings& around) {
  if (!into.materials.settings.av)
    return;
  if (into.materials.settings.development) {
    into.materials.turn = config::development_turn_credentials();
    return;
  }
  auto read = config::read_turn_credentials(into.materials.settings, into.where, around);
  if (read)
    into.materials.turn = std::move(*read);
  else if (into.found.empty()) // Files that have changed since `validate` read them: a reload must not lock users out.
    into.found = std::move(read.error());
}

/// Everything that `check` says, and so everything that `run` insists on.
void judge(judged& into, const config::surroundings& around) {
  const auto meanings = config::validate(into.materials.settings, into.where, around);
  into.found.insert(into.found.end(), meanings.begin(), meanings.end());
  add_topology(into);
  add_keys(into, around);
  add_tls(into);
  add_turn(into, around);
}

judged read_configuration(const std::filesystem::path& file) {
  const auto around = config::host_surroundings();
  judged read;
  const auto text = around.read_file(file);
  if (!text) {
    read.found.push_back({{}, {}, text.error()});
    return read;
  }
  auto loaded = config::load({text->bytes, file.parent_path(), around.variables});
  read.materials.settings = std::move(loaded.value);
  read.where = std::move(loaded.where);
  read.found = std::move(loaded.found);
  judge(read, around);
  return read;
}

judged read_development() {
  judged made;
  made.materials.settings = config::development_model();
  judge(made, config::host_surroundings());
  return made;
}

/// Prints what is wrong; true if nothing is.
bool is_sound(const std::string& file, const judged& read) {
  if (!read.found.empty())
    std::cerr << config::render(file, read.found);
  return read.found.empty();
}

cluster::node_identity make_identity() {
  // One node without a store: nobody hands out incarnations, so this life takes a number that no former one had.
  cluster::node_identity identity;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&identity.incarnation), sizeof identity.incarnation) != 1)
    throw std::runtime_error{"no random bits"};
  return identity;
}

/// Whether `read` says anything new besides where certificates, TURN users and secrets are: a reload leaves that alone.
bool needs_restart(config::model read, const config::model& running) {
  if (read.access && running.access) {
    read.access->outside.certificates = running.access->outside.certificates;
    read.access->inside.identity = running.access->inside.identity;
    read.access->inside.ca = running.access->inside.ca;
  }
  if (read.av && running.av) {
    read.av->users = running.av->users;
    read.av->secrets = running.av->secrets;
  }
  return read != running;
}

/// SIGHUP: a broken file changes nothing, and says why.
void reload(actors::node& running, const config::model& settings, const std::filesystem::path& file) {
  if (file.empty())
    return log::info("reload ignored reason=development");
  const auto read = read_configuration(file);
  if (!read.found.empty())
    return log::error("reload refused problems={}\n{}", read.found.size(), config::render(file.string(), read.found));
  running.swap_certificates(read.materials.tls);
  if (read.materials.settings.av) // One without the service says nothing of its users: those there are stay.
    running.renew_turn_credentials(read.materials.turn);
  log::info("reload done certificates=renewed turn_credentials=renewed");
  if (needs_restart(read.materials.settings, settings))
    log::warn("reload left settings as they were reason=\"all but certificates and turn credentials takes a restart\"");
}

sigset_t block_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&handled, signal);
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  return handled;
}

/// Every connection and every relay is an open file, and the soft limit that a shell or a service manager hands out is
/// often 1024.
void raise_file_limit(const config::model& settings) {
  const auto connections_max = settings.access ? settings.limits.connections_max : 0;
  const auto allocations_max = settings.av ? settings.limits.allocations_max : 0;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_max < connections_max + allocations_max)
    log::warn("open files are fewer than connections and relays files_max={} connections_max={} allocations_max={}",
              files.rlim_max, connections_max, allocations_max);
}

void say_listening(side from, std::string_view transport, const std::vector<endpoint>& listeners) {
  for (const auto& listener : listeners)
    log::info("listening side={} transport={} address={}", to_string(from), transport, listener.text());
}

void say_ready(const config::model& settings, std::size_t lanes) {
  if (const auto& access = settings.access) {
    say_listening(side::outside, "tls", access->outside.listen);
    say_listening(side::inside, access->inside.transport == transport::tls ? "tls" : "tcp", {access->inside.listen});
  }
  if (const auto& av = settings.av) {
    say_listening(side::outside, "udp", av->outside.listen);
    say_listening(side::inside, "udp", av->inside.listen);
  }
  log::info("ready node={} services={} lanes={}{}", settings.node.name, settings.services.text(), lanes,
            settings.access ? " next_hop=" + settings.access->next_hop.address.text() : std::string{});
}

int run(const std::string& file, bool is_development) {
  const auto signals = block_signals(); // Before any thread: all of them inherit it.
  auto read = is_development ? read_development() : read_configuration(file);
  if (!is_sound(is_development ? "--dev" : file, read))
    return EX_CONFIG;
  log::start(static_cast<log::level>(read.materials.settings.logging.level)); // In the same order.
  raise_file_limit(read.materials.settings);
  read.materials.identity = make_identity();
  const auto settings = read.materials.settings;
  try {
    actors::node running{std::move(read.materials)};
    say_ready(settings, running.lane_count());
    for (int signal = 0; sigwait(&signals, &signal) == 0 && signal == SIGHUP;)
      reload(running, settings, file);
    log::info("stopping");
    running.stop();
  } catch (const std::exception& error) {
    log::critical("cannot run reason=\"{}\"", error.what());
    return EX_UNAVAILABLE;
  }
  log::info("stopped");
  return EX_OK;
}

int check(const std::string& file) {
  if (!is_sound(file, read_configuration(file)))
    return EX_CONFIG;
  std::cout << file << ": sound\n";
  return EX_OK;
}

} // namespace
} // namespace sallyport

int main(int argc, char** argv) {
  CLI::App app{"Sallyport: an edge server for real-time communications"};
  app.require_subcommand(1);
  std::string file;
  bool is_development = false;

  auto* run = app.add_subcommand("run", "Runs a node until SIGTERM; SIGHUP renews its certificates");
  auto* run_file = run->add_option("FILE", file, "Configuration (YAML)");
  run->add_flag("--dev", is_development, "One node on loopback, no file, certificates made on the spot")
    ->excludes(run_file);
  auto* check = app.add_subcommand("check", "Prints every problem of a configuration; exit status 78 if there is one");
  check->add_option("FILE", file, "Configuration (YAML)")->required();
  auto* version = app.add_subcommand("version", "Prints the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { // Asking for help is one too.
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  if (*version) {
    std::cout << "sallyport " SALLYPORT_VERSION "\n";
    return EX_OK;
  }
  if (*check)
    return sallyport::check(file);
  if (file.empty() && !is_development) {
    std::cerr << "run: FILE or --dev is required\n";
    return EX_USAGE;
  }
  return sallyport::run(file, is_development);
}
