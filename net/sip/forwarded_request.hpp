#pragma once
#include "net/sip/response_context.hpp"
#include "net/sip/session.hpp"

namespace sallyport::sip {

/// One request on its way through a session: between its server transaction and its client transaction stands its
/// response context. It writes what goes up and down; the session above it knows what the request means.
class forwarded_request {
public:
  /// Forwards the request: one `send_request` goes into `out`. `record_token` and `path_token` as in `forward_plan`.
  /// `random` is 64 fresh random bits.
  forwarded_request(time_point now, const session_facts& facts, request_received&& event, std::uint32_t number,
                    std::uint64_t random, std::string_view record_token, std::string_view path_token,
                    session_answer& out);

  /// The status that went upstream; 0 if the response was dropped.
  unsigned receive_response(time_point now, const response_received& event, session_answer& out);
  unsigned fail(client_failure_reason reason, session_answer& out);
  unsigned expire(time_point now, session_answer& out);
  void cancel(session_answer& out);

  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }
  [[nodiscard]] transaction_id server() const noexcept { return server_; }
  [[nodiscard]] method kind() const noexcept { return request_->method(); }
  [[nodiscard]] const message_view& request() const noexcept { return *request_; }
  [[nodiscard]] const arrival& from() const noexcept { return from_; }
  [[nodiscard]] const response_context& context() const noexcept { return context_; }
  [[nodiscard]] std::optional<time_point> next_deadline() const noexcept { return context_.next_deadline(); }
  [[nodiscard]] bool has_final() const noexcept { return context_.has_final(); }
  [[nodiscard]] bool is_done() const noexcept { return context_.current() == response_context::state::done; }

private:
  unsigned carry_out(const context_answer& answer, session_answer& out);

  message request_;
  arrival from_;
  transaction_id server_;
  std::uint32_t number_;
  std::string local_tag_; ///< Of responses made here.
  response_context context_;
};

} // namespace sallyport::sip
