#include <fcntl.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sysexits.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>

#include "actors/known_services.hpp"
#include "actors/node.hpp"
#include "actors/stop_limit.hpp"
#include "config/dev.hpp"
#include "config/loader.hpp"
#include "config/schema.hpp"
#include "config/secrets.hpp"
#include "config/validate.hpp"
#include "net/io/interfaces.hpp"
#include "net/io/log.hpp"
#include "policy/topology.hpp"

namespace sallyport {
namespace {

using actors::judged_materials;

void add_topology(judged_materials& into) {
  into.materials.local_addresses = io::interface_addresses();
  const auto pool = policy::describe(into.materials.settings, into.materials.local_addresses);
  for (const auto& violation : policy::judge_topology(pool)) {
    const auto field = violation.fields.empty() ? std::string{} : violation.fields.front();
    into.found.push_back(
      into.where.at(field, violation.sentence + " [" + std::string{to_string(violation.rule)} + "]"));
  }
}

void add_keys(judged_materials& into, const config::surroundings& around) {
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

/// Everything that `check` says, and so everything that `run` insists on.
void judge(judged_materials& into, const config::surroundings& around) {
  const auto meanings = config::validate(into.materials.settings, into.where, around);
  into.found.insert(into.found.end(), meanings.begin(), meanings.end());
  add_topology(into);
  add_keys(into, around);
  for (const auto& kind : actors::known_services())
    if (kind.read)
      kind.read(into, around);
}

judged_materials read_configuration(const std::filesystem::path& file) {
  const auto around = config::host_surroundings();
  judged_materials read;
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

judged_materials read_development() {
  judged_materials made;
  made.materials.settings = config::development_model();
  judge(made, config::host_surroundings());
  return made;
}

/// Prints what is wrong; true if nothing is.
bool is_sound(const std::string& file, const judged_materials& read) {
  if (!read.found.empty())
    std::cerr << config::render(file, read.found);
  return read.found.empty();
}

cluster::node_identity make_identity() {
  // There is no store that would count this node's lives: a random number is a former life's once in 2^32.
  cluster::node_identity identity;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&identity.incarnation), sizeof identity.incarnation) != 1)
    throw std::runtime_error{"no random bits"};
  return identity;
}

/// A broken file changes nothing, and says why. So does what throws.
void read_again(actors::node& running, const std::filesystem::path& file) {
  const auto read = read_configuration(file);
  if (!read.found.empty()) {
    auto problems = config::render(file.string(), read.found);
    problems.pop_back(); // Its end of line: the log adds one.
    return log::error("reload refused problems={}\n{}", read.found.size(), problems);
  }
  std::string left;
  for (const auto& key : running.keys_for_restart(read.materials.settings))
    left.append(left.empty() ? "" : " ").append(key);
  running.renew(read.materials);
  log::info("reload done certificates=renewed turn_credentials=renewed");
  if (!left.empty())
    log::warn("reload left settings as they were keys=\"{}\"", left);
}

/// SIGHUP. Whatever it meets, the node goes on.
void reload(actors::node& running, const std::filesystem::path& file) {
  if (file.empty())
    return log::info("reload ignored reason=development");
  try {
    read_again(running, file);
  } catch (const std::exception& error) { // No memory, or a host that does not say what it is asked.
    log::error("reload failed reason=\"{}\"", error.what());
  }
}

/// Who starts us without standard input, output or error must not have log lines written into a socket of ours.
void open_standard_files() {
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO)
    fd = ::open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO)
    ::close(fd);
}

sigset_t block_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&handled, signal);
  pthread_sigmask(SIG_BLOCK, &handled, nullptr);
  return handled;
}

void say_ready(const actors::node& running, const config::model& settings) {
  for (const auto& at : running.listening())
    log::info("listening side={} transport={} address={}", to_string(at.from), to_string(at.over), at.local.text());
  std::string facts;
  for (const auto& fact : running.ready_facts())
    facts += ' ' + fact;
  log::info("ready node={} services={} lanes={}{}", settings.node.name, settings.services.text(), running.lane_count(),
            facts);
}

/// How long ending may take before the process is ended: with the last lines of the log, 5 s.
constexpr milliseconds stop_time{4'500};

/// A node until a signal ends it, or its own failure; the exit code.
int run_node(actors::node_materials&& materials, const std::string& file, const sigset_t& signals) {
  const auto settings = materials.settings;
  std::atomic<bool> has_failed = false;
  actors::stop_limit limit;
  actors::node running{std::move(materials), actors::known_services(), [&has_failed] {
                         has_failed = true;
                         ::kill(::getpid(), SIGTERM); // What `sigwait` below waits for.
                       }};
  say_ready(running, settings);
  for (int signal = 0; sigwait(&signals, &signal) == 0 && signal == SIGHUP;)
    reload(running, file);
  limit.begin(stop_time);
  if (has_failed)
    log::critical("stopping reason=\"supervisor gave up\"");
  else
    log::info("stopping");
  running.stop();
  return has_failed ? EX_SOFTWARE : EX_OK;
}

int run(const std::string& file, bool is_development) {
  const auto signals = block_signals(); // Before any thread: all of them inherit it.
  auto read = is_development ? read_development() : read_configuration(file);
  if (!is_sound(is_development ? "--dev" : file, read))
    return EX_CONFIG;
  log::start(static_cast<log::level>(read.materials.settings.logging.level)); // In the same order.
  read.materials.identity = make_identity();
  int status = EX_UNAVAILABLE;
  try {
    status = run_node(std::move(read.materials), file, signals);
    log::info("stopped");
  } catch (const std::exception& error) {
    log::critical("cannot run reason=\"{}\"", error.what());
  }
  log::flush();
  return status;
}

/// What was printed may not have been taken: a full disk, say.
int printed() {
  return std::cout.flush() ? EX_OK : EX_IOERR;
}

int check(const std::string& file) {
  if (!is_sound(file, read_configuration(file)))
    return EX_CONFIG;
  std::cout << file << ": sound\n";
  return printed();
}

/// What the host refuses says nothing of the configuration: no memory, or no list of its addresses.
template <class Command>
int unless_the_host_refuses(Command&& command) {
  try {
    return command();
  } catch (const std::exception& error) {
    std::cerr << "sallyport: " << error.what() << '\n';
    return EX_OSERR;
  }
}

} // namespace
} // namespace sallyport

int main(int argc, char** argv) {
  sallyport::open_standard_files();
  CLI::App app{"Sallyport: an edge server for real-time communications"};
  app.require_subcommand(1);
  std::string file;
  bool is_development = false;

  auto* run =
    app.add_subcommand("run", "Runs a node until SIGTERM; SIGHUP renews its certificates, TURN users and TURN secrets");
  auto* run_file = run->add_option("FILE", file, "Configuration (YAML)");
  run->add_flag("--dev", is_development, "One node on loopback, no file, certificates made on the spot")
    ->excludes(run_file);
  auto* check = app.add_subcommand("check", "Prints every problem of a configuration; exit status 78 if there is one");
  check->add_option("FILE", file, "Configuration (YAML)")->required();
  auto* schema = app.add_subcommand("schema", "Prints what a configuration may hold, as a JSON Schema");
  auto* version = app.add_subcommand("version", "Prints the version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) { // Asking for help is one too.
    return app.exit(error) == 0 ? EX_OK : EX_USAGE;
  }

  if (*version) {
    std::cout << "sallyport " SALLYPORT_VERSION "\n";
    return sallyport::printed();
  }
  if (*schema) {
    std::cout << sallyport::config::json_schema();
    return sallyport::printed();
  }
  if (*check)
    return sallyport::unless_the_host_refuses([&] { return sallyport::check(file); });
  if (file.empty() && !is_development) {
    std::cerr << "run: FILE or --dev is required\n";
    return EX_USAGE;
  }
  return sallyport::unless_the_host_refuses([&] { return sallyport::run(file, is_development); });
}
