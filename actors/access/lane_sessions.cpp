#include "actors/access/lane_sessions.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <stdexcept>
#include <utility>

#include "actors/access/session_actor.hpp"
#include "actors/session_supervisor.hpp"
#include "net/core/fault.hpp"

namespace sallyport::actors {

lane_sessions::lane_sessions(caf::actor_system& system, io::lane& home,
                             std::span<const std::unique_ptr<io::inbox<session_order>>> inboxes)
  : system_{system}, lane_{home}, inboxes_{inboxes}, orders_{home, *inboxes[home.index()]} {
  if (!lane_.watch(inboxes_[lane_.index()]->wake_fd(), io::ready_to_read, *this, io::work::orders))
    throw std::runtime_error{"cannot watch an inbox"};
}

lane_sessions::~lane_sessions() {
  lane_.forget(inboxes_[lane_.index()]->wake_fd());
}

void lane_sessions::on_start(const sip::start_session& begun) {
  fault::point("lane_sessions::on_start");
  const auto id = begun.facts.self;
  auto* inbox = inboxes_[lane_.index()].get();
  auto actor = begun.is_dialog ? system_.spawn(dialog_actor, inbox, begun.facts)
                               : system_.spawn(exchange_actor, inbox, begun.facts);
  actors_.put(id, actor); // First: where a step after it fails, the session's end is the actor's.
  fault::point("lane_sessions::on_start, made");
  actor->attach_functor([inbox, id](const caf::error&) { inbox->push_always(session_actor_gone{id}); });
  caf::anon_send(caf::actor_cast<caf::actor>(system_.registry().get(caf::atom("access"))), adopt_atom::value, actor);
}

void lane_sessions::on_event(sip::tell_session&& told) {
  fault::point("lane_sessions::on_event");
  if (const auto* to = actors_.find(told.session))
    caf::anon_send(*to, session_delivery{lane_.now(), random_.next(), std::move(told.event)});
}

void lane_sessions::on_end(const sip::end_session& ended) {
  actors_.end(ended.session);
}

bool lane_sessions::on_relay(std::uint8_t lane, sip::lane_order&& order) {
  fault::point("lane_sessions::on_relay");
  const bool may_be_refused = is_expendable(order);
  const auto bytes = bytes_of(order);
  session_order waiting{std::move(order)};
  if (!may_be_refused) {
    inboxes_[lane]->push_always(std::move(waiting), bytes);
  } else if (!inboxes_[lane]->try_push(std::move(waiting), bytes)) {
    order = std::move(std::get<sip::lane_order>(waiting));
    return false;
  }
  return true;
}

void lane_sessions::on_ready(std::uint32_t) {
  orders_.read([this](auto& waiting) { std::visit([this](auto& order) { take(order); }, waiting); });
}

} // namespace sallyport::actors
