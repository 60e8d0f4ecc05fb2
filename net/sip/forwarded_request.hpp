#pragma once
#include <optional>

#include "net/sip/response_context.hpp"
#include "net/sip/session.hpp"
#include "net/sip/writer.hpp"

namespace sallyport::sip {

/// One request on its way through a session: between its server transaction and its client transaction stands its
/// response context. It writes what goes up and down; the session above it knows what the request means.
class forwarded_request {
public:
  /// Forwards the request: one `send_request` goes into `out`. A REGISTER from outside gets our Path, a request that
  /// makes a dialog our Record-Route. `random` is 64 fresh random bits.
  forwarded_request(time_point now, const session_facts& facts, request_received&& event, std::uint32_t number,
                    std::uint64_t random, session_answer& out);

  /// These return the status of the final or provisional response that went upstream; 0 if none did.
  unsigned receive_response(time_point now, const response_received& event, session_answer& out);
  unsigned fail(client_failure_reason reason, session_answer& out);
  void expire(time_point now, session_answer& out);
  void cancel(session_answer& out);

  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
  [[nodiscard]] transaction_id server() const noexcept { return server_; }
  [[nodiscard]] method kind() const noexcept { return kind_; }
  [[nodiscard]] const arrival& from() const noexcept { return from_; }
  /// Empty once a final response went upstream: nothing is answered from it any more.
  [[nodiscard]] const message_view& request() const noexcept { return *request_; }
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept { return context_.next_deadline(); }
  [[nodiscard]] bool has_final() const noexcept { return context_.has_final(); }
  /// Nothing more will come of it; until 64*T1 after a 2xx of an INVITE, further ones may.
  [[nodiscard]] bool is_done() const noexcept { return context_.current() == response_context::state::done; }

private:
  unsigned carry_out(const context_answer& answer, const response_received* event, session_answer& out);

  message request_;
  arrival from_;
  transaction_id server_;
  std::uint32_t number_;
  bool goes_to_client_; ///< Down the flow of a client of ours, not to a server.
  method kind_;
  std::shared_ptr<const keyed_hash> tag_key_;
  seconds retry_after_;
  response_context context_;
};

/// Refuses a request without forwarding it.
void refuse_request(const session_facts& facts, const request_received& event, unsigned status, session_answer& out,
                    std::span<const header_text> extra = {});

/// Refuses a request that is one too many in its session: 500 with Retry-After, as RFC 3261, 14.2 has it for INVITE. (A
/// 503 would say that the whole node is overloaded.)
void refuse_for_now(const session_facts& facts, const request_received& event, session_answer& out);

/// Forwards an ACK of a 2xx, which has no transaction (RFC 3261, 16.11).
void forward_ack(const session_facts& facts, const ack_received& event, std::uint32_t number, std::uint64_t random,
                 session_answer& out);

} // namespace sallyport::sip
