#pragma once
#include "net/sip/message_view.hpp"
#include "net/sip/verdicts.hpp"

namespace sallyport::io {

/// The transaction user above one lane's SIP (RFC 3261, 17): it judges requests, owns sessions, and tells the endpoint
/// what to send. All calls come on the lane; views last until the call returns.
class sip_user {
public:
  /// A request that parsed and passed validation. The user judges it, then opens its transaction or refuses it
  /// statelessly.
  virtual void on_request(const sip::arrival& from, const sip::message_view& request) = 0;
  /// A response for this session's request; the session's home may be another lane.
  virtual void on_response(const sip::client_key& client, const sip::arrival& from,
                           const sip::message_view& response) = 0;
  /// A response whose branch names a session of another lane, and which matched nothing here.
  virtual void on_response_elsewhere(sip::session_id session, const sip::arrival& from,
                                     const sip::message_view& response) = 0;
  virtual void on_client_failure(const sip::client_failure& failure) = 0;
  virtual void on_server_ended(const sip::server_ended& ended) = 0;

protected:
  ~sip_user() = default;
};

} // namespace sallyport::io
