#pragma once
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "net/sip/headers.hpp"
#include "net/sip/session.hpp"
#include "net/sip/transaction_layer.hpp"
#include "net/sip/validate.hpp"
#include "tests/support/sip/messages.hpp"

namespace sallyport::sip {

inline secret_key test_key(std::uint8_t byte) {
  std::array<std::uint8_t, secret_key::size_bytes> bytes;
  bytes.fill(byte);
  return secret_key{bytes};
}

inline edge_identity test_identity() {
  return {.outside = {{"edge.example", 5061}, {"192.0.2.1", 5061}, transport::tls, {{"sip.example.com", 0}}},
          .inside = {{"edge-in.example", 5061}, {"10.0.0.1", 5061}, transport::tls, {}}};
}

inline session_facts test_facts(session_id self = {1, 0, 77, 1}) {
  return {.self = self,
          .node = 1,
          .incarnation = 5,
          .tokens = std::make_shared<token_keys>(live_keys{.current = {7, test_key(1)}}),
          .loop_key = std::make_shared<keyed_hash>(test_key(2)),
          .binding_key = std::make_shared<keyed_hash>(test_key(3)),
          .identity = std::make_shared<edge_identity>(test_identity()),
          .timers = {},
          .limits = {}};
}

/// What is read of a request on arrival, which must be let in.
inline request_facts facts_of(const message_view& request, const session_facts& here = test_facts()) {
  auto read = read_request(
    request, {.identity = here.identity.get(), .tokens = here.tokens.get(), .loop_key = here.loop_key.get()});
  EXPECT_TRUE(read) << (read ? std::string_view{} : read.error().reason);
  return read ? std::move(*read) : request_facts{};
}

/// A node with one lane and one session, between a client outside and a server inside, in virtual time: what a lane
/// does with a transaction layer and a session machine, less sockets and actors. Messages go in by `client_sends` and
/// `server_sends`, and come out in `to_client` and `to_server`.
template <class Session>
class edge_world {
public:
  std::vector<std::string> to_client;
  std::vector<std::string> to_server;
  std::vector<prove_flow> proofs;
  binding_id client_binding = 0; ///< Of the client's flow: as if it had registered.

  explicit edge_world(session_facts facts = test_facts()) : facts_{std::move(facts)} {}

  void client_sends(const std::string& text) {
    auto from = outside_client;
    from.binding = client_binding;
    receive(text, from);
  }
  void server_sends(const std::string& text) { receive(text, inside_server); }

  void advance(milliseconds by) {
    const auto end = now_ + by;
    for (auto next = next_deadline(); next && *next <= end; next = next_deadline()) {
      now_ = *next;
      expire();
    }
    now_ = end;
  }

  /// The connection to the client, or to the server, is gone.
  void client_is_gone() {
    actions out;
    layer_.flow_failed(now_, outside_client.flow, out);
    carry_out(out);
  }
  void server_refuses_connections() { is_server_down_ = true; }

  /// A Route value that leads to the client, as a registrar knows it from the Path.
  [[nodiscard]] std::string client_route() const {
    const route_token token{
      .type = route_token::kind::path, .flow = {outside_client.flow, facts_.incarnation}, .binding = 0xb1d};
    return "<sip:" + facts_.tokens->sign(token, "") + "@edge-in.example:5061;transport=tls;lr;ob>";
  }
  /// What the token in a Path or Record-Route value says.
  [[nodiscard]] route_token token_in(std::string_view value, std::string_view call_id) const {
    const auto read = facts_.tokens->verify(parse_uri(parse_name_addr(value)->uri)->user, call_id);
    EXPECT_TRUE(read) << value;
    return read.value_or(route_token{});
  }

  [[nodiscard]] bool has_session() const { return session_.has_value(); }
  [[nodiscard]] Session& session() { return *session_; }
  [[nodiscard]] std::size_t transactions() const { return layer_.server_count() + layer_.client_count(); }
  [[nodiscard]] const transaction_counts& counts() const { return layer_.counts(); }
  [[nodiscard]] time_point now() const { return now_; }

  /// Start line of the newest message; empty if there is none.
  [[nodiscard]] static std::string start(const std::vector<std::string>& received) {
    return received.empty() ? "" : received.back().substr(0, received.back().find("\r\n"));
  }

  /// Nothing is left once the lingering transactions have run out.
  void expect_nothing_left() {
    EXPECT_FALSE(has_session());
    advance(std::chrono::seconds{70});
    EXPECT_EQ(transactions(), 0U);
    EXPECT_EQ(layer_.kept_bytes(), 0U);
    EXPECT_EQ(next_deadline(), std::nullopt);
  }

private:
  void receive(const std::string& text, const arrival& from) {
    auto read = parsed(text);
    if (read->is_request())
      receive_request(std::move(read), from);
    else
      receive_response(std::move(read), from);
  }

  void receive_request(message request, const arrival& from) {
    actions out;
    const auto verdict = layer_.receive_request(now_, from, *request, out);
    carry_out(out); // The 100 leaves before the session has its say.
    if (const auto* begun = std::get_if<new_request>(&verdict))
      begin(begun->transaction, std::move(request), from);
    else if (std::holds_alternative<ack_to_2xx>(verdict))
      ack(std::move(request), from);
    else if (const auto* cancelled = std::get_if<cancel_matched>(&verdict))
      tell(cancel_received{cancelled->transaction});
  }

  void begin(transaction_id transaction, message request, const arrival& from) {
    auto read = facts_of(*request, facts_);
    const auto to = destination_of(read.routes, from);
    if (!session_) {
      ++facts_.self.generation;
      session_.emplace(facts_);
    }
    layer_.assign(transaction, facts_.self);
    tell(request_received{transaction, from, std::move(request), to, std::move(read)});
  }

  void ack(message request, const arrival& from) {
    if (!session_)
      return;
    auto read = facts_of(*request, facts_);
    const auto to = destination_of(read.routes, from);
    tell(ack_received{from, std::move(request), to, std::move(read)});
  }

  void receive_response(message response, const arrival& from) {
    ASSERT_EQ(validate_response(*response, *facts_.identity), std::nullopt);
    actions out;
    const auto verdict = layer_.receive_response(now_, from, *response, out);
    carry_out(out);
    const auto* delivered = std::get_if<response_delivered>(&verdict);
    if (delivered != nullptr && delivered->client.session == facts_.self) // Else of a session that is no more.
      tell(response_received{delivered->client.number, from, std::move(response)});
  }

  [[nodiscard]] static destination destination_of(const route_facts& routes, const arrival& from) {
    if (from.from == side::outside)
      return next_hop{0};
    const auto* token = routes.valid_token();
    return token ? token->flow.id : outside_client.flow;
  }

  void tell(session_event event) {
    if (!session_)
      return;
    auto answer = session_->handle(now_, std::move(event), ++random_ * 0x9e3779b97f4a7c15U);
    if (session_->ended())
      session_.reset();
    actions out;
    for (auto& each : answer.orders)
      std::visit([&](auto& asked) { obey(asked, out); }, each);
    carry_out(out);
  }

  void obey(send_request& asked, actions& out) {
    layer_.request(now_,
                   {{facts_.self, asked.number},
                    asked.to,
                    transport::tls,
                    std::move(asked.branch),
                    asked.kind,
                    std::move(asked.bytes)},
                   out);
  }
  void obey(send_stateless& asked, actions&) { deliver(asked.to, asked.bytes); }
  void obey(send_response& asked, actions& out) {
    layer_.respond(now_, asked.server, asked.status, std::move(asked.bytes), out);
  }
  void obey(cancel_request& asked, actions& out) { layer_.cancel(now_, {facts_.self, asked.number}, out); }
  void obey(prove_flow& asked, actions&) { proofs.push_back(asked); }

  void deliver(const destination& to, const std::string& bytes) {
    const auto* flow = std::get_if<flow_id>(&to);
    (flow != nullptr && *flow == outside_client.flow ? to_client : to_server).push_back(bytes);
  }

  void carry_out(const actions& asked) {
    for (const auto& each : asked) {
      if (const auto* sending = std::get_if<send>(&each))
        carry_out(*sending);
      else if (const auto* failed = std::get_if<client_failure>(&each))
        fail(*failed);
      else if (const auto* ended = std::get_if<server_ended>(&each))
        if (ended->reason == server_end_reason::transport)
          tell(cancel_received{ended->transaction});
    }
  }

  void fail(const client_failure& failed) {
    if (failed.client.session == facts_.self)
      tell(client_failed{failed.client.number, failed.reason});
  }

  void carry_out(const send& asked) {
    if (!is_server_down_ || !std::holds_alternative<next_hop>(asked.to))
      return deliver(asked.to, *asked.bytes);
    actions out;
    layer_.client_failed(now_, asked.by, client_failure_reason::transport, out);
    carry_out(out);
  }

  [[nodiscard]] std::optional<time_point> next_deadline() {
    const auto lane = layer_.next_deadline();
    const auto own = session_ ? session_->next_deadline() : std::nullopt;
    return lane && own ? std::min(*lane, *own) : lane ? lane : own;
  }

  void expire() {
    actions out;
    layer_.expire(now_, out);
    carry_out(out);
    if (session_ && session_->next_deadline() && *session_->next_deadline() <= now_)
      tell(deadline_passed{});
  }

  session_facts facts_;
  time_point now_{std::chrono::hours{1}};
  std::uint64_t random_ = 0;
  bool is_server_down_ = false;
  transaction_layer layer_{{1, 0, 0, 0}, timer_values{}, {}, siphash{1, 2}};
  std::optional<Session> session_;
};

} // namespace sallyport::sip
