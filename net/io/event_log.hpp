#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "net/core/address.hpp"
#include "net/core/gates.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/side.hpp"
#include "net/io/close_reason.hpp"
#include "net/io/line_flood.hpp"

namespace sallyport::io {

/// A lane's log of what it turns away and ends. A flood is counted in full and logged a few lines a second for each
/// reason, within the budget of all reasons and lanes for what strangers cause; a line says how many it stands for. The
/// ends of connections with the inside, the next hop's above all, have lines that no stranger can take.
/// Peers' addresses appear at debug level only.
class event_log {
public:
  explicit event_log(std::uint8_t lane, std::shared_ptr<line_budget> strangers = std::make_shared<line_budget>())
    : lane_{lane}, strangers_{std::move(strangers)} {}

  void closed(time_point now, const endpoint& peer, side of, close_reason reason, std::string_view detail);
  void refused(time_point now, const endpoint& peer, verdict why);
  void failed(time_point now, std::string_view what);
  /// A SIP or TURN request that was answered here with `status`. `reason` is a literal, here and below. `trace`: of a
  /// SIP request (sip::trace_id).
  void request_refused(time_point now, const endpoint& peer, unsigned status, std::string_view reason,
                       std::uint64_t trace = 0);
  /// A SIP message that got no answer and went no further.
  void message_dropped(time_point now, std::string_view reason, std::uint64_t trace);
  /// A SIP session whose actor died; its supervisor has said why.
  void session_lost(time_point now, std::uint64_t trace);
  /// A TURN allocation that was open for `age` and relayed so many packets.
  void allocation_closed(time_point now, const lane_ref& id, std::string_view reason, std::uint64_t to_peers,
                         std::uint64_t to_clients, seconds age);

private:
  /// A line that a stranger may cause.
  std::optional<std::uint64_t> take_line(line_flood& of, time_point now) { return of.take_line(now, strangers_.get()); }

  std::uint8_t lane_;
  std::shared_ptr<line_budget> strangers_;                           ///< Every lane's.
  std::array<std::array<line_flood, close_reason_count>, 2> closed_; ///< By side.
  std::array<line_flood, verdict_count> refused_;
  line_flood failed_;
  line_flood sessions_lost_;
  line_flood allocations_;
  std::unordered_map<std::string_view, line_flood> messages_; ///< By reason: as many as there are literals.
};

} // namespace sallyport::io
