#pragma once
#include <string>
#include <utility>
#include <vector>

#include "net/core/time.hpp"
#include "net/sip/actions.hpp"

namespace sallyport::io {

/// The road to one inside server, as far as it is decided without a socket: what waits while a connection is made, and
/// when the next attempt may be made after one failed.
class next_hop_link {
public:
  struct limits {
    std::size_t waiting_max = 1'024;      ///< Messages that wait for a connection being made.
    milliseconds rest_after_failure{500}; ///< Requests within it fail at once: a server that is down stays cheap.
  };
  enum class state : std::uint8_t { down, connecting, up };

  explicit next_hop_link(const limits& of) : limits_{of} {}

  /// True if a connection should be begun for what is to be sent now.
  [[nodiscard]] bool may_connect(time_point now) const noexcept { return state_ == state::down && now >= rested_at_; }

  void connecting(sip::flow_id flow) noexcept {
    state_ = state::connecting;
    flow_ = flow;
  }
  /// The messages that waited, in order.
  [[nodiscard]] std::vector<sip::send> opened() {
    state_ = state::up;
    return std::exchange(waiting_, {});
  }
  /// The messages that waited, which fail; a connection that stood before may be made anew at once.
  [[nodiscard]] std::vector<sip::send> lost(time_point now) {
    if (state_ == state::connecting)
      rested_at_ = now + limits_.rest_after_failure;
    state_ = state::down;
    flow_ = {};
    return std::exchange(waiting_, {});
  }
  /// False when the queue is full or no connection is on its way.
  [[nodiscard]] bool wait(sip::send message) {
    if (state_ != state::connecting || waiting_.size() == limits_.waiting_max)
      return false;
    waiting_.push_back(std::move(message));
    return true;
  }

  [[nodiscard]] state current() const noexcept { return state_; }
  [[nodiscard]] sip::flow_id flow() const noexcept { return flow_; } ///< Of the connection made or being made.

private:
  limits limits_;
  state state_ = state::down;
  time_point rested_at_{};
  sip::flow_id flow_;
  std::vector<sip::send> waiting_;
};

} // namespace sallyport::io
