#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/sip/forwarded_request.hpp"

namespace sallyport::sip {

/// A dialog that crosses the edge, made by INVITE or SUBSCRIBE (RFC 3261, 12; RFC 6665): the request that opens it, its
/// early forks, what travels in it, and its end: BYE, NOTIFY with `terminated`, a session timer that lapsed (RFC 4028),
/// or no word for `dialog_lifetime`. Opened by a request in the middle of a dialog it stands for one whose session was
/// lost. Pure: events and time come in, orders go out.
class dialog {
public:
  explicit dialog(session_facts facts) : facts_{std::move(facts)} {}

  /// `random` is 64 fresh random bits, used for the branch of a request that goes out.
  [[nodiscard]] session_answer handle(time_point now, session_event&& event, std::uint64_t random);

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  /// True once nothing is left to do: no request in flight, no fork alive.
  [[nodiscard]] bool ended() const noexcept;

  [[nodiscard]] bool is_confirmed() const noexcept; ///< A fork's 2xx was forwarded and its ACK was seen.
  [[nodiscard]] std::size_t fork_count() const noexcept { return forks_.size(); }
};

} // namespace sallyport::sip
