#include "tests/unit/net/io/recording_user.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "net/core/overloaded.hpp"

namespace sallyport::test {

void recording_user::on_start(const sip::start_session& begun) {
  started.push_back(begun.facts.self);
  throw_if(broken_starts);
}

void recording_user::on_event(sip::tell_session&& told) {
  throw_if(broken_events);
  take(told.session, told.event);
}

void recording_user::on_end(const sip::end_session& gone) {
  ended.push_back(gone.session);
}

bool recording_user::on_relay(std::uint8_t lane, sip::lane_order&& order) {
  if (are_others_behind && is_expendable(order))
    return false;
  if (auto* event = std::get_if<sip::relayed_event>(&order))
    take(event->session, event->event);
  else
    relayed.push_back({lane, std::move(order)});
  return true;
}

void recording_user::throw_if(int& broken) {
  if (broken == 0)
    return;
  --broken;
  ++thrown;
  throw std::runtime_error{"planted"};
}

void recording_user::take(const sip::session_id& session, sip::session_event& event) {
  const overloaded remember{
    [&](sip::request_received& heard) {
      requests.push_back({session, heard.server, heard.from, std::move(heard.request)});
    },
    [](sip::ack_received&) { ADD_FAILURE() << "an ACK came through"; },
    [&](sip::response_received& heard) {
      responses.push_back({{session, heard.number}, std::move(heard.response)});
    },
    [&](sip::client_failed& heard) {
      failures.push_back({{session, heard.number}, heard.reason});
      if (when_failed)
        when_failed();
    },
    [&](sip::cancel_received& heard) {
      cancels.push_back({session, heard.server});
      if (when_cancelled)
        when_cancelled();
    },
    [&](sip::deadline_passed&) { woken.push_back(session); },
  };
  std::visit(remember, event);
}

} // namespace sallyport::test
