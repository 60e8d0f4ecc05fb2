#pragma once
#include <string>

#include "net/sip/actions.hpp"
#include "net/sip/names.hpp"

namespace sallyport::sip {

/// A request that a session sends.
struct client_request {
  client_key client;
  destination to; ///< A client answers on that flow, the inside by any connection.
  transport over = transport::tls;
  std::string branch; ///< Ours, the one in the top Via of `bytes`.
  method kind = method::other;
  std::string bytes;
  bool is_in_dialog = false;
};

} // namespace sallyport::sip
