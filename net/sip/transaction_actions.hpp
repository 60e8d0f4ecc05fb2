#pragma once
#include <cstdint>

namespace sallyport::sip {

/// What a transaction machine asks of the layer around it, which holds the bytes and knows where they go. Several may
/// be set.
struct transaction_actions {
  bool deliver : 1 = false;         ///< Hand the message to the transaction user.
  bool send_request : 1 = false;    ///< Send the request (again).
  bool send_response : 1 = false;   ///< Send the response just given, and keep it as the last one.
  bool resend_response : 1 = false; ///< Send the last response again.
  bool send_trying : 1 = false;     ///< Send a 100 made here.
  bool send_ack : 1 = false;        ///< Send the ACK of a final response other than 2xx (again).
  bool send_cancel : 1 = false;     ///< Send the CANCEL now: a provisional response allows it.
  bool timed_out : 1 = false;       ///< Tell the transaction user: no final response, or no ACK, came in time.
  bool forgotten : 1 = false;       ///< Nobody has answered for too long: answer it here.
  bool terminated : 1 = false;      ///< The transaction is over: forget it.

  friend bool operator==(const transaction_actions&, const transaction_actions&) = default;
};

} // namespace sallyport::sip
