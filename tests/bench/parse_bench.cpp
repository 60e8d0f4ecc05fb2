// Our parser beside packaged libosip2, on the same messages, with the same work: see parse_contenders.hpp.
// Rounds of the two are interleaved and their order alternates, so that what drifts drifts for both; CPU time is
// counted, medians are reported. A round in which the loop did not have its core to itself is thrown away and repeated.
// Usage: parse_bench [FILE.json]. Exit code 0 also when a gate is missed, which is then said plainly.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bench/parse_cases.hpp"
#include "tests/bench/parse_contenders.hpp"

namespace sallyport::bench {
namespace {

constexpr std::size_t rounds_wanted = 31;
constexpr std::size_t rounds_least = 5; ///< Below that there is no ratio.
constexpr std::size_t rounds_most = 3000;
constexpr double utilisation_least = 0.95;
constexpr double round_seconds = 0.0025; ///< Short, so that a round is rarely interrupted.

using reader = std::uint64_t (*)(const std::string&);

double seconds_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct timing {
  double us = 0;          ///< CPU time a message.
  double utilisation = 0; ///< CPU time by wall time.
};

timing measure(reader read, const std::vector<std::string>& messages, std::size_t passes, std::uint64_t& sink) {
  const double wall = seconds_of(CLOCK_MONOTONIC);
  const double cpu = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  for (std::size_t pass = 0; pass < passes; ++pass)
    for (const auto& message : messages)
      sink += read(message);
  const double cpu_spent = seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu;
  const double wall_spent = seconds_of(CLOCK_MONOTONIC) - wall;
  return {cpu_spent * 1e6 / static_cast<double>(passes * messages.size()), cpu_spent / wall_spent};
}

std::size_t passes_for(reader read, const std::vector<std::string>& messages, std::uint64_t& sink) {
  (void)measure(read, messages, 200, sink); // Warm caches and predictors.
  const double pass_us = measure(read, messages, 200, sink).us * static_cast<double>(messages.size());
  return std::max<std::size_t>(1, static_cast<std::size_t>(round_seconds * 1e6 / pass_us));
}

struct report {
  std::vector<double> ours, osip; ///< µs a message, each kept round.
  double utilisation = 1;         ///< The lowest of the kept rounds.
  std::size_t rejected = 0;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

report run(const parse_case& row) {
  std::uint64_t sink = 0;
  const auto ours_passes = passes_for(read_with_ours, row.messages, sink);
  const auto osip_passes = passes_for(read_with_osip, row.messages, sink);
  report result;
  for (std::size_t round = 0; round < rounds_most && result.ours.size() < rounds_wanted; ++round) {
    timing ours, osip;
    if (round % 2 == 0) {
      ours = measure(read_with_ours, row.messages, ours_passes, sink);
      osip = measure(read_with_osip, row.messages, osip_passes, sink);
    } else {
      osip = measure(read_with_osip, row.messages, osip_passes, sink);
      ours = measure(read_with_ours, row.messages, ours_passes, sink);
    }
    const double utilisation = std::min(ours.utilisation, osip.utilisation);
    if (utilisation < utilisation_least) {
      ++result.rejected;
      continue;
    }
    result.ours.push_back(ours.us);
    result.osip.push_back(osip.us);
    result.utilisation = std::min(result.utilisation, utilisation);
  }
  if (sink == 0)
    std::puts("nothing was read");
  return result;
}

/// Both must have seen the same content in every message, or the comparison means nothing.
bool is_same_work(const parse_case& row) {
  for (const auto& message : row.messages) {
    const auto ours = read_with_ours(message);
    const auto osip = read_with_osip(message);
    if (ours == osip && ours != 0)
      continue;
    std::printf("%s: checksums differ (ours %llu, osip %llu) for\n%s\n", row.name.data(),
                static_cast<unsigned long long>(ours), static_cast<unsigned long long>(osip), message.c_str());
    return false;
  }
  return true;
}

std::string list(const std::vector<double>& values) {
  std::ostringstream out;
  for (const double value : values)
    out << (out.tellp() == 0 ? "" : ", ") << value;
  return "[" + out.str() + "]";
}

std::string json_of(const parse_case& row, const report& result) {
  const double ours = median(result.ours), osip = median(result.osip);
  const bool is_valid = result.ours.size() >= rounds_least;
  std::ostringstream out;
  out << "  \"" << row.name << "\": {\n    \"ours\": " << ours << ", \"osip\": " << osip
      << ", \"ratio\": " << (is_valid ? std::to_string(osip / ours) : "null") << ", \"gate\": " << row.gate
      << ",\n    \"unit\": \"us CPU a message, median of rounds\", \"bytes\": " << row.messages.front().size()
      << ", \"aim_us\": " << row.aim_us << ",\n    \"rounds\": {\"ours\": " << list(result.ours)
      << ", \"osip\": " << list(result.osip) << "},\n    \"rounds_rejected\": " << result.rejected
      << ", \"utilisation_min\": " << result.utilisation << "\n  }";
  return out.str();
}

void print(const parse_case& row, const report& result) {
  const double ours = median(result.ours), osip = median(result.osip);
  if (result.ours.size() < rounds_least) {
    std::printf("%-11s REJECTED: only %zu of %zu rounds had the core to themselves\n", row.name.data(),
                result.ours.size(), result.ours.size() + result.rejected);
    return;
  }
  std::printf("%-11s ours %.3f us, osip %.3f us: %.1fx, gate %.0fx %s; aim %.1f us %s (%zu rounds, %zu rejected)\n",
              row.name.data(), ours, osip, osip / ours, row.gate, osip / ours >= row.gate ? "reached" : "MISSED",
              row.aim_us, ours <= row.aim_us ? "reached" : "MISSED", result.ours.size(), result.rejected);
}

int compare(const std::filesystem::path& file) {
  std::string json =
    "{\n  \"anchor\": \"libosip2 " SALLYPORT_OSIP_VERSION " (osip_message_parse, sdp_message_parse)\",\n"
    "  \"utilisation\": \"CPU time by wall time of each loop; rounds below 0.95 are thrown away, fewer "
    "than 5 left give ratio null\"";
  for (const auto& row : parse_cases()) {
    if (!is_same_work(row))
      return EXIT_FAILURE;
    const auto result = run(row);
    print(row, result);
    json += ",\n" + json_of(row, result);
  }
  if (file.has_parent_path())
    std::filesystem::create_directories(file.parent_path());
  std::ofstream{file} << json << "\n}\n";
  std::printf("written: %s\n", file.c_str());
  return EXIT_SUCCESS;
}

} // namespace
} // namespace sallyport::bench

int main(int argc, char** argv) {
  return sallyport::bench::compare(argc > 1 ? argv[1] : "build/bench/parse.json");
}
