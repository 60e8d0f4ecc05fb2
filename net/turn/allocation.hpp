#pragma once
#include <vector>

#include "net/turn/allocation_event.hpp"

namespace sallyport::turn {

struct allocation_limits {
  seconds lifetime_default{600};
  seconds lifetime_max{3600};
  std::size_t permissions_max = 64;
  std::size_t channels_max = 64;
};

/// One client's allocation (RFC 8656): which permissions and channels it has, and when each runs out.
/// Pure: time arrives as `now`, consequences leave as effects. No socket, no clock, no log.
class allocation {
public:
  static constexpr seconds permission_lifetime{300}; ///< RFC 8656, 9
  static constexpr seconds channel_lifetime{600};    ///< RFC 8656, 12

  explicit allocation(const allocation_limits& limits) : limits_{limits} {}

  /// What has run out by `now` closes first, then the event takes effect. Throws std::logic_error when the first event
  /// is not `open_request` or a later one is.
  [[nodiscard]] allocation_answer handle(time_point now, const allocation_event& event);

private:
  struct permission {
    ip_address peer;
    time_point expires;
  };
  struct channel {
    std::uint16_t number;
    endpoint peer;
    time_point expires;
  };
  enum class phase : std::uint8_t { before, open, ended };

  void open(time_point now, const open_request& request, allocation_answer& out);
  void refresh(time_point now, const refresh_request& request, allocation_answer& out);
  void permit(time_point now, const permission_request& request, allocation_answer& out);
  void bind(time_point now, const channel_request& request, allocation_answer& out);
  void expire(time_point now, allocation_answer& out);
  void close(close_reason reason, allocation_answer& out);

  [[nodiscard]] seconds lifetime_for(std::optional<seconds> asked) const;
  [[nodiscard]] permission* find(const ip_address& peer);
  void open_permission(time_point now, const ip_address& peer, allocation_answer& out);
  [[nodiscard]] std::optional<time_point> next_deadline() const;

  allocation_limits limits_;
  phase phase_ = phase::before;
  time_point expires_{};
  std::vector<permission> permissions_;
  std::vector<channel> channels_;
};

} // namespace sallyport::turn
