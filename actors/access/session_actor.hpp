#pragma once
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <optional>

#include "actors/access/session_order.hpp"
#include "actors/actor_faults.hpp"
#include "net/io/inbox.hpp"
#include "net/sip/dialog.hpp"
#include "net/sip/exchange.hpp"

namespace sallyport::actors {

/// One event for a session, with the lane's time and 64 fresh random bits for what it may send.
struct session_delivery {
  time_point now;
  std::uint64_t random = 0;
  sip::session_event event;
};

template <class Machine>
struct session_state;

template <>
struct session_state<sip::dialog> {
  static inline const char* name = "dialog"; ///< Shown in the console's actor tree.
  std::optional<sip::dialog> machine;
};

template <>
struct session_state<sip::exchange> {
  static inline const char* name = "exchange";
  std::optional<sip::exchange> machine;
};

/// Keeps one SIP session: asks its machine, and answers each event by exactly one outcome into `home`, which outlives
/// the actor system. It never ends by itself: its lane ends it when the machine has ended and nothing more is on its
/// way to it, so that no event is lost in a mailbox.
template <class Machine>
caf::behavior session_actor(caf::stateful_actor<session_state<Machine>>* self, io::inbox<session_order>* home,
                            sip::session_facts facts) {
  self->set_exception_handler(&fault_of);
  const auto session = facts.self;
  self->state.machine.emplace(std::move(facts));
  return {[=](session_delivery& delivery) {
    auto& machine = *self->state.machine;
    auto answer = machine.handle(delivery.now, std::move(delivery.event), delivery.random);
    // Bounded by the credit that its lane gave, whatever others have put there.
    home->push_always(sip::session_outcome{session, std::move(answer), machine.next_deadline(), machine.ended()});
  }};
}

inline constexpr auto dialog_actor = &session_actor<sip::dialog>;
inline constexpr auto exchange_actor = &session_actor<sip::exchange>;

} // namespace sallyport::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(sallyport::actors::session_delivery)
