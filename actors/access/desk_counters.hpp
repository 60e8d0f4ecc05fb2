#pragma once
#include "net/io/counters.hpp"

namespace sallyport::actors {

/// What one desk has done and holds. Written by its lane, read by anybody.
struct desk_counters {
  io::counter sessions;  ///< Dialog and exchange actors alive now.
  io::counter in_flight; ///< Events that actors have not answered yet: the credit they hold.
  io::counter dialogs_started;
  io::counter exchanges_started;
  io::counter sessions_lost; ///< Their actor died of a broken invariant.
  io::counter requests_shed; ///< 503: no room for a session, or its actor is behind.
  io::counter events_shed;   ///< Provisional responses and ACKs for a session whose actor is behind.
  io::counter relayed;       ///< Events and orders handed to another lane.
};

} // namespace sallyport::actors
