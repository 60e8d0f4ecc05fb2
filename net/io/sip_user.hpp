#pragma once
#include "net/sip/user_order.hpp"

namespace sallyport::io {

/// Who keeps the sessions of one lane's SIP, and its way to the other lanes. All calls come on the lane. One that
/// throws ends its session: events that were on their way to it still come, and then `on_end`.
class sip_user {
public:
  virtual void on_start(const sip::start_session& begun) = 0;
  /// The user answers with one `sip_endpoint::settle`, later.
  virtual void on_event(sip::tell_session&& told) = 0;
  /// Once for each `on_start`: nothing more is heard of the session.
  virtual void on_end(const sip::end_session& ended) = 0;
  /// False if the other lane's inbox is full and `order` may be lost (sip::is_expendable); it is then as it was.
  [[nodiscard]] virtual bool on_relay(std::uint8_t lane, sip::lane_order&& order) = 0;

protected:
  ~sip_user() = default;
};

} // namespace sallyport::io
