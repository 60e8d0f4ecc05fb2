#pragma once
#include <functional>
#include <vector>

#include "net/io/sip_user.hpp"

namespace sallyport::test {

/// Remembers what the sessions of this lane are told, and what goes to other lanes: events for the sessions there among
/// the others, all else as it is. Answers nothing by itself.
class recording_user final : public io::sip_user {
public:
  struct heard_request {
    sip::session_id session;
    sip::transaction_id server;
    sip::arrival from;
    sip::message request;
  };
  struct heard_response {
    sip::client_key client;
    sip::message response;
  };
  struct heard_cancel {
    sip::session_id session;
    sip::transaction_id server;
  };
  struct relayed_elsewhere {
    std::uint8_t lane = 0;
    sip::lane_order order;
  };

  void on_start(const sip::start_session& begun) override;
  void on_event(sip::tell_session&& told) override;
  void on_end(const sip::end_session& gone) override;
  bool on_relay(std::uint8_t lane, sip::lane_order&& order) override;

  int broken_starts = 0; ///< So many of the next ones throw.
  int broken_events = 0; ///< Likewise.
  bool are_others_behind = false;
  std::uint64_t thrown = 0;
  std::vector<sip::session_id> started;
  std::vector<sip::session_id> ended;
  std::vector<sip::session_id> woken;
  std::vector<heard_request> requests;
  std::vector<heard_response> responses;
  std::vector<sip::client_failure> failures;
  std::vector<heard_cancel> cancels;
  std::vector<relayed_elsewhere> relayed;
  std::function<void()> when_cancelled;
  std::function<void()> when_failed;

private:
  void throw_if(int& broken);
  void take(const sip::session_id& session, sip::session_event& event);
};

} // namespace sallyport::test
