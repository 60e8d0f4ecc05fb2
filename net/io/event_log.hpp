#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "net/core/address.hpp"
#include "net/core/gates.hpp"
#include "net/core/lane_ref.hpp"
#include "net/core/token_bucket.hpp"
#include "net/io/close_reason.hpp"

namespace sallyport::io {

/// A lane's log of what it turns away and ends. A flood is counted in full and logged a few lines a second for each
/// reason; a line says how many it stands for. Peers' addresses appear at debug level only.
class event_log {
public:
  explicit event_log(std::uint8_t lane) : lane_{lane} {}

  void closed(time_point now, const endpoint& peer, close_reason reason, std::string_view detail);
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
  static constexpr token_rate lines{.per_second = 2, .burst = 5};
  struct flood {
    token_bucket bucket;
    std::uint64_t suppressed = 0;

    /// Whether a line may be written now, and for how many unwritten ones before it.
    std::optional<std::uint64_t> take_line(time_point now);
  };

  std::uint8_t lane_;
  std::array<flood, close_reason_count> closed_;
  std::array<flood, verdict_count> refused_;
  flood failed_;
  flood sessions_lost_;
  flood allocations_;
  std::unordered_map<std::string_view, flood> messages_; ///< By reason: as many as there are literals.
};

} // namespace sallyport::io
