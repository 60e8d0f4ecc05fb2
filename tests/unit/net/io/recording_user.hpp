#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <utility>
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

  void on_start(const sip::start_session& begun) override {
    started.push_back(begun.facts.self);
    throw_if(broken_starts);
  }
  void on_event(sip::tell_session&& told) override {
    throw_if(broken_events);
    take(told.session, told.event);
  }
  void on_end(const sip::end_session& gone) override { ended.push_back(gone.session); }
  bool on_relay(std::uint8_t lane, sip::lane_order&& order) override {
    if (are_others_behind && is_expendable(order))
      return false;
    if (auto* event = std::get_if<sip::relayed_event>(&order))
      take(event->session, event->event);
    else
      relayed.push_back({lane, std::move(order)});
    return true;
  }

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

private:
  void throw_if(int& broken) {
    if (broken == 0)
      return;
    --broken;
    ++thrown;
    throw std::runtime_error{"planted"};
  }

  void take(const sip::session_id& session, sip::session_event& event) {
    std::visit([&](auto& heard) { remember(session, heard); }, event);
  }
  void remember(const sip::session_id& session, sip::request_received& heard) {
    requests.push_back({session, heard.server, heard.from, std::move(heard.request)});
  }
  void remember(const sip::session_id&, sip::ack_received&) { ADD_FAILURE() << "an ACK came through"; }
  void remember(const sip::session_id& session, sip::response_received& heard) {
    responses.push_back({{session, heard.number}, std::move(heard.response)});
  }
  void remember(const sip::session_id& session, sip::client_failed& heard) {
    failures.push_back({{session, heard.number}, heard.reason});
  }
  void remember(const sip::session_id& session, sip::cancel_received& heard) {
    cancels.push_back({session, heard.server});
    if (when_cancelled)
      when_cancelled();
  }
  void remember(const sip::session_id& session, sip::deadline_passed&) { woken.push_back(session); }
};

} // namespace sallyport::test
