#pragma once
#include <optional>
#include <string>
#include <vector>

#include "net/sip/fork_set.hpp"
#include "net/sip/forwarded_request.hpp"

namespace sallyport::sip {

/// A dialog that crosses the edge, made by INVITE or SUBSCRIBE (RFC 3261, 12; RFC 6665): the request that opens it, its
/// forks, what travels in it, and its end: BYE, NOTIFY with `terminated`, a session timer that lapsed (RFC 4028), no
/// ACK, or no word for `dialog_lifetime`. Opened by a request in the middle of a dialog it stands for one whose session
/// was lost. Pure: events and time come in, orders go out.
class dialog {
public:
  explicit dialog(session_facts facts);

  /// `random` is 64 fresh random bits, used for the branch of a request that goes out.
  [[nodiscard]] session_answer handle(time_point now, session_event&& event, std::uint64_t random);

  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept;
  /// True once nothing is left to do: no request in flight, no fork alive.
  [[nodiscard]] bool ended() const noexcept;

  /// A 2xx was forwarded and, for an INVITE, its ACK was seen: the dialog's Record-Route tokens alone can route it.
  [[nodiscard]] bool is_confirmed() const noexcept;
  [[nodiscard]] std::size_t fork_count() const noexcept { return forks_.size(); }
  [[nodiscard]] std::size_t in_flight() const noexcept; ///< Requests without a final response.

private:
  /// A request in flight, and what its end means to the dialog.
  struct passage {
    forwarded_request request;
    std::string fork;       ///< Tag of the fork it travels in; empty for the one that opens the dialog.
    bool ends_fork = false; ///< BYE, or a NOTIFY with `terminated`.
  };

  void receive_request(time_point now, request_received&& event, std::uint64_t random, session_answer& out);
  void open(const message_view& request, const request_facts& read);
  void receive_ack(const ack_received& event, std::uint64_t random, session_answer& out);
  void receive_response(time_point now, const response_received& event, session_answer& out);
  void receive_failure(const client_failed& event, session_answer& out);
  void cancel(const cancel_received& event, session_answer& out);
  void expire(time_point now, session_answer& out);

  [[nodiscard]] bool follow_opening(time_point now, const passage& opening, const message_view& response);
  void follow_final(const passage& passed, unsigned status);
  void follow_timer(time_point now, const message_view& message, bool is_response);
  [[nodiscard]] passage* find(std::uint32_t number) noexcept;

  session_facts facts_;
  fork_set forks_;
  std::vector<passage> passages_;
  std::optional<time_point> unacknowledged_until_; ///< A 2xx of the first INVITE waits for its ACK.
  time_point lapses_at_ = time_point::max();
  std::uint32_t last_number_ = 0;
  method kind_ = method::other; ///< Of the request that opened the dialog.
  bool is_started_ = false;
};

} // namespace sallyport::sip
