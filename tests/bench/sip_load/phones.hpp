#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/sip_load/call.hpp"
#include "tests/bench/sip_load/latency.hpp"
#include "tests/bench/sip_load/phone.hpp"

namespace sallyport::bench {

/// How many of what.
struct phones_plan {
  std::string prefix = "u"; ///< Users are PREFIX0, PREFIX1, …
  std::size_t phones = 1;
  std::size_t held_calls = 0; ///< Between phones 0 and 1, 2 and 3, …; each held up.
  bool short_calls = false;   ///< The last two phones call each other, one call after the other.
  endpoint first_source;
  std::size_t sources = 1; ///< Phone n comes from the address n % sources after the first.
  duration refresh = std::chrono::seconds{2};
  duration ping{}; ///< The pace of the pings of phone 0 that are measured; zero: none are.
};

/// Simulated phones, the calls between them, and what became of both.
class phones {
public:
  phones(loop& events, phone_settings& shared, const phones_plan& plan);

  void come();
  void leave();
  /// One line of JSON: how it stands, and what was since the last one.
  std::string take_report();

private:
  void on_registered(std::size_t index);
  void on_lost(std::size_t index);
  void begin_held(std::size_t index);
  void begin_short();
  void ping();
  void on_pong();
  [[nodiscard]] std::string refused_json() const;

  loop& events_;
  phone_settings& shared_;
  phones_plan plan_;
  call_counts held_counts_, short_counts_;
  std::vector<std::unique_ptr<phone>> phones_;
  std::vector<std::unique_ptr<call>> held_;
  std::unique_ptr<call> short_;
  latency pings_;
  time_point pinged_{};
  bool pinging_ = false;
  time_point came_{};
  time_point last_registered_{};
  std::size_t connections_lost_ = 0;
};

} // namespace sallyport::bench
