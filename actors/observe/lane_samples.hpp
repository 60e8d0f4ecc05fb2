#pragma once
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "actors/observe/metric_families.hpp"
#include "net/io/counters.hpp"
#include "net/io/reason_counters.hpp"

namespace sallyport::actors {

/// One counter of a struct of them, and the metric that shows it.
template <class Counters>
struct counter_row {
  metric what;
  io::counter Counters::*value;
};

/// Takes the samples of one lane and puts its label on each.
class lane_samples {
public:
  /// `into` outlives this.
  lane_samples(metric_families& into, std::size_t lane) : into_{into}, lane_{std::to_string(lane)} {}

  void add(const metric& what, std::uint64_t value) { into_.add(what, static_cast<double>(value), {{"lane", lane_}}); }
  void add(const metric& what, std::chrono::duration<double> span) { into_.add(what, span.count(), {{"lane", lane_}}); }
  void add(const metric& what, std::uint64_t value, const char* label, std::string_view as) {
    into_.add(what, static_cast<double>(value), {{"lane", lane_}, {label, std::string{as}}});
  }

  template <class Counters, std::size_t Rows>
  void add(const counter_row<Counters> (&rows)[Rows], const Counters& from) {
    for (const auto& row : rows)
      add(row.what, (from.*row.value).read());
  }

  /// A sample for each reason that has come up; `Reason` is what the places of the array stand for.
  void add(const metric& what, const io::reason_counters& reasons) {
    into_.open(what);
    reasons.each([&](std::string_view reason, std::uint64_t count) { add(what, count, "reason", reason); });
  }
  template <class Reason, std::size_t Reasons>
  void add_by(const metric& what, const std::array<io::counter, Reasons>& reasons) {
    into_.open(what);
    for (std::size_t i = 0; i < Reasons; ++i)
      if (const auto count = reasons[i].read(); count != 0)
        add(what, count, "reason", to_string(static_cast<Reason>(i)));
  }

private:
  metric_families& into_;
  const std::string lane_;
};

} // namespace sallyport::actors
