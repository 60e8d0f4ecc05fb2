#pragma once
#include <optional>

#include "net/sip/actions.hpp"
#include "net/sip/timers.hpp"

namespace sallyport::sip {

/// What becomes of a forwarded request after something happened to it.
struct context_answer {
  bool forward = false; ///< Forward the response just received upstream.
  bool cancel = false;  ///< Cancel the request downstream.
  unsigned status = 0;  ///< Answer upstream with this, made here; 0: do not.

  friend bool operator==(const context_answer&, const context_answer&) = default;
};

/// The response context of RFC 3261, 16.7 to 16.10, for a request forwarded to one target: which responses go upstream,
/// Timer C, CANCEL, and what a failure downstream means upstream.
/// Pure: it holds no message, only where the request stands and when it next has something to do.
class response_context {
public:
  enum class state : std::uint8_t {
    waiting,    ///< No final response yet.
    cancelling, ///< Cancelled from upstream, or by Timer C; a final response or a failure will come.
    accepted,   ///< A 2xx of an INVITE went upstream; further ones follow it for 64*T1 (RFC 6026, 7.2).
    done
  };

  response_context(time_point now, bool is_invite, const timer_values& timers) noexcept;

  [[nodiscard]] context_answer receive_response(time_point now, unsigned status) noexcept;
  /// A CANCEL came from upstream, or the client is gone.
  [[nodiscard]] context_answer cancel() noexcept;
  [[nodiscard]] context_answer fail(client_failure_reason reason) noexcept;
  [[nodiscard]] context_answer expire(time_point now) noexcept;

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  [[nodiscard]] bool has_final() const noexcept { return state_ == state::accepted || state_ == state::done; }
  [[nodiscard]] state current() const noexcept { return state_; }

private:
  timer_values timers_;
  time_point deadline_; ///< Timer C, the end of `accepted`, or when nothing can come any more.
  state state_ = state::waiting;
  bool is_invite_;
  bool is_cancelled_upstream_ = false;
};

} // namespace sallyport::sip
