// Simulated phones before an edge, and the registrar behind it.
//   sip_load phones --edge 127.0.0.2:443 --trust CA.pem [--phones 5000] [--source 127.1.0.1 --sources 500]
//            [--held-calls 100] [--short-calls 1] [--refresh-ms 2000] [--ping-ms 20] [--backoff-ms 30000] [--prefix u]
//   sip_load inside --listen 127.0.0.4:5061 --edge 127.0.0.3:5061 --trust CA.pem --certificate C.pem --key K.pem
// It goes on until its standard input ends, and does what that says, a word a line: `report` prints what was since the
// last one, as one line of JSON; `come` and `leave` are for phones, `stall MILLISECONDS` for the inside.
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "tests/bench/sip_load/inside_server.hpp"
#include "tests/bench/sip_load/options.hpp"
#include "tests/bench/sip_load/phones.hpp"

namespace sallyport::bench {
namespace {

using command = std::function<void(std::string_view line)>;

void say(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
}

/// Hands each line of the standard input to `then`, and ends the loop with it.
void obey(loop& events, command then) {
  ::fcntl(STDIN_FILENO, F_SETFL, ::fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
  events.watch(STDIN_FILENO, EPOLLIN, [&events, then = std::move(then), unread = std::string{}](std::uint32_t) mutable {
    std::array<char, 4096> bytes{};
    const auto got = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got <= 0)
      return events.stop();
    unread.append(bytes.data(), static_cast<std::size_t>(got));
    for (auto end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
      then(std::string_view{unread}.substr(0, end));
      unread.erase(0, end + 1);
    }
  });
}

/// A connection a phone: as many as the system lets us have.
void allow_many_files() {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
}

void run_phones(const options& given) {
  loop events;
  phone_settings shared{.edge = parse_endpoint(given.text("edge")),
                        .server_name = given.text_or("server-name", "sip.edge.example"),
                        .domain = given.text_or("domain", "edge.example"),
                        .context = client_context(given.text("trust"), "", ""),
                        .backoff = given.milliseconds("backoff-ms", 30'000),
                        .keep_alive = given.milliseconds("keep-alive-ms", 25'000),
                        .random = std::mt19937_64{given.number("seed", std::random_device{}())}};
  phones all{events, shared,
             phones_plan{.prefix = given.text_or("prefix", "u"),
                         .phones = given.number("phones", 1),
                         .held_calls = given.number("held-calls", 0),
                         .short_calls = given.number("short-calls", 0) != 0,
                         .first_source = parse_endpoint(given.text_or("source", "127.0.0.1")),
                         .sources = given.number("sources", 1),
                         .refresh = given.milliseconds("refresh-ms", 2'000),
                         .ping = given.milliseconds("ping-ms", 0)}};
  obey(events, [&all](std::string_view line) {
    if (line == "report")
      say(all.take_report());
    else if (line == "come")
      all.come();
    else if (line == "leave")
      all.leave();
  });
  events.run();
}

void run_inside(const options& given) {
  loop events;
  const auto& trust = given.text("trust");
  const auto& certificate = given.text("certificate");
  const auto& key = given.text("key");
  inside_server server{events,
                       {.listen = parse_endpoint(given.text("listen")),
                        .edge = parse_endpoint(given.text("edge")),
                        .domain = given.text_or("domain", "edge.example"),
                        .server = server_context(trust, certificate, key),
                        .client = client_context(trust, certificate, key)}};
  constexpr std::string_view stall = "stall ";
  obey(events, [&server, stall](std::string_view line) {
    if (line == "report")
      say(server.take_report());
    else if (line.starts_with(stall))
      server.stall(std::chrono::milliseconds{std::stoull(std::string{line.substr(stall.size())})});
  });
  events.run();
}

int run(int count, char** arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  allow_many_files();
  const std::string_view role = count > 1 ? arguments[1] : "";
  try {
    if (role != "phones" && role != "inside")
      throw std::invalid_argument{"phones or inside?"};
    const options given{count - 2, arguments + 2};
    role == "phones" ? run_phones(given) : run_inside(given);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sip_load: %s\n", error.what());
    return 1;
  }
  return 0;
}

} // namespace
} // namespace sallyport::bench

int main(int count, char** arguments) {
  return sallyport::bench::run(count, arguments);
}
