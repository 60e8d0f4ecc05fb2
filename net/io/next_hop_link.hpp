#pragma once
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "net/core/time.hpp"
#include "net/sip/actions.hpp"

namespace sallyport::io {

/// One lane's connection to one inside server, without its socket: whether it is down, being made or up, what waits
/// meanwhile, and when the next attempt may be made after one failed.
class next_hop_link {
public:
  struct limits {
    std::size_t queue_bytes_max = 8 * 1024 * 1024; ///< What waits for the connection, or in it for the socket.
    milliseconds cooldown_after_failure{500}; ///< Requests within it fail at once: a server that is down stays cheap.

    /// Besides, where nothing new is taken any more: for responses, ACKs, CANCELs and what goes on in a dialog. They
    /// belong to what was admitted, and end what takes room.
    [[nodiscard]] constexpr std::size_t reserved_bytes() const noexcept { return queue_bytes_max / 8; }
  };

  explicit next_hop_link(const limits& of) : limits_{of} {}

  /// True if a connection should be begun for what is to be sent now.
  [[nodiscard]] bool may_connect(time_point now) const noexcept {
    const auto* cooling = std::get_if<down>(&state_);
    return cooling && now >= cooling->until;
  }

  /// A connection is being made where there was none.
  void begun(sip::flow_id flow) { state_ = connecting{.flow = flow, .waiting = {}}; }

  /// The messages that waited, in order. Throws when no connection was being made.
  [[nodiscard]] std::vector<sip::send> opened() {
    auto made = std::move(std::get<connecting>(state_));
    state_ = up{made.flow};
    return std::move(made.waiting);
  }
  /// The messages that waited, which fail; a connection that stood before may be made anew at once.
  [[nodiscard]] std::vector<sip::send> lost(time_point now) noexcept {
    auto* attempt = std::get_if<connecting>(&state_);
    auto waited = attempt ? std::move(attempt->waiting) : std::vector<sip::send>{};
    state_ = down{attempt ? now + limits_.cooldown_after_failure : now};
    return waited;
  }
  /// Whether this may be added to what waits; `unsent` bytes of it are in the connection that stands.
  [[nodiscard]] bool has_room(const sip::send& message, std::size_t unsent) const noexcept {
    const auto* attempt = std::get_if<connecting>(&state_);
    const auto waiting = attempt ? attempt->bytes : unsent;
    return waiting + message.bytes->size() <= limits_.queue_bytes_max + (message.is_new ? 0 : limits_.reserved_bytes());
  }
  /// Keeps it until the connection that is being made is there. Throws when none is.
  void wait(sip::send message) {
    auto& attempt = std::get<connecting>(state_);
    const auto bytes = message.bytes->size();
    attempt.waiting.push_back(std::move(message));
    attempt.bytes += bytes;
  }

  [[nodiscard]] bool is_connecting() const noexcept { return std::holds_alternative<connecting>(state_); }
  /// Of the connection that stands or is being made; there is one unless the link is down.
  [[nodiscard]] std::optional<sip::flow_id> flow() const noexcept {
    if (const auto* attempt = std::get_if<connecting>(&state_))
      return attempt->flow;
    const auto* standing = std::get_if<up>(&state_);
    return standing ? std::optional{standing->flow} : std::nullopt;
  }

private:
  struct down {
    time_point until; ///< No attempt before.
  };
  struct connecting {
    sip::flow_id flow;
    std::vector<sip::send> waiting;
    std::size_t bytes = 0; ///< Of them all.
  };
  struct up {
    sip::flow_id flow;
  };

  limits limits_;
  std::variant<down, connecting, up> state_;
};

} // namespace sallyport::io
