#pragma once
#include <gmock/gmock.h>

#include "actors/access/lane_sessions.hpp"
#include "actors/session_supervisor.hpp"
#include "net/core/source_limits.hpp"
#include "net/io/listener.hpp"
#include "policy/access.hpp"
#include "tests/support/edge_settings.hpp"
#include "tests/support/reasons.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/turn_until.hpp"
#include "tests/support/virtual_world.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {

/// Lanes with their sessions, on real sockets, their actors in an actor system without threads: everything moves when
/// the test says so. The same port is never shared, so a test chooses the lane that a connection comes to. At the end
/// every session has ended by itself and nothing lives.
class lane_sessions_world : public virtual_world {
protected:
  struct lane_parts {
    lane_parts(lane_sessions_world& world, std::uint8_t index)
      : lane{index, {}, [&world] { return moment{.boot = world.now_}; }}, sessions{world.system_, lane, world.inboxes_},
        endpoint{lane, world.sip_, sessions} {
      sessions.serve(endpoint);
      outside = world.open(*this, side::outside);
      inside = world.open(*this, side::inside);
    }

    [[nodiscard]] const io::sip_counters& sip() const { return endpoint.counters(); }

    io::lane lane;
    actors::lane_sessions sessions;
    io::sip_endpoint endpoint;
    std::unique_ptr<io::listener> outside;
    std::unique_ptr<io::listener> inside;
  };

  lane_sessions_world() {
    sip_.user.judge = std::make_shared<const policy::access>(policy::access_rules{.domains = {"edge.example"}});
    supervisor_ = system_.spawn(actors::session_supervisor, "access", &tally_);
    system_.registry().put(caf::atom("access"), supervisor_);
  }

  ~lane_sessions_world() override {
    end_everything();
    for (const auto& each : lanes_)
      expect_nothing_left(*each);
    EXPECT_EQ(gate_.connections(loopback().address), 0u);
    for (const auto& each : lanes_)
      each->endpoint.end_sessions();
    system_.registry().erase(caf::atom("access"));
    caf::anon_send_exit(supervisor_, caf::exit_reason::user_shutdown);
    supervisor_ = nullptr;
    settle();
    EXPECT_EQ(system_.registry().running(), 0u);
    lanes_.clear();
  }

  void start(std::size_t lanes = 1) {
    sip_.user.lanes = static_cast<std::uint8_t>(lanes);
    for (std::size_t i = 0; i < lanes; ++i)
      inboxes_.push_back(std::make_unique<io::inbox<actors::session_order>>(inbox_max_));
    for (std::size_t i = 0; i < lanes; ++i)
      lanes_.push_back(std::make_unique<lane_parts>(*this, static_cast<std::uint8_t>(i)));
  }

  /// Turns every lane once, then runs the actors unless they are held back.
  void turn() {
    for (const auto& each : lanes_)
      each->lane.run_once(turn_wait_);
    if (!are_actors_held_)
      settle();
  }
  /// Turns until `is_done`, for at most 10 s of real time.
  template <class Condition>
  [[nodiscard]] bool until(Condition&& is_done) {
    return turn_until(is_done, [this] { turn(); });
  }
  void pass_time(milliseconds span) {
    now_ += span;
    for (int i = 0; i < 10; ++i)
      turn();
  }

  // Who is at the other ends.
  wire client(std::size_t lane = 0) { return wire{lanes_.at(lane)->outside->local()}; }
  wire server(std::size_t lane = 0) { return wire{lanes_.at(lane)->inside->local()}; }
  /// The connection that a lane makes to the next hop.
  wire accepted() {
    wire got;
    EXPECT_TRUE(until([&] { return static_cast<bool>(got = next_hop_.accept()); })) << "no connection came";
    return got;
  }
  /// The next whole message on a wire.
  std::string message_on(wire& at) {
    std::string got;
    EXPECT_TRUE(until([&] { return !(got = at.take_message()).empty(); })) << "no message came";
    return got;
  }
  /// The next message on a wire must be this response; gives it back.
  std::string expect_status(wire& at, unsigned status) {
    auto got = message_on(at);
    EXPECT_THAT(got, testing::StartsWith("SIP/2.0 " + std::to_string(status) + ' '));
    return got;
  }
  /// The next message on a wire must be a request of this method; gives it back. A wire that is not connected yet
  /// becomes the connection to the next hop that comes with it.
  std::string expect_request(wire& at, const std::string& method) {
    if (!at)
      at = accepted();
    auto got = message_on(at);
    EXPECT_THAT(got, testing::StartsWith(method + ' '));
    return got;
  }
  /// A request crosses from one wire to the other, and its answer comes back; gives back the request as it arrived.
  std::string expect_exchange(wire& asks, const request_text& request, wire& answers,
                              const std::string& status_and_reason = "200 OK") {
    asks.send(request.text());
    auto arrived = expect_request(answers, request.method);
    answers.send(answer_to(arrived, status_and_reason));
    expect_status(asks, static_cast<unsigned>(std::stoul(status_and_reason)));
    return arrived;
  }

  /// A REGISTER that the next hop accepts; returns the Path that the registrar was given.
  std::string register_at(wire& phone, wire& next_hop, const std::string& user = "alice") {
    return header_of(expect_exchange(phone, registration_of(user), next_hop), "Path");
  }
  /// Alice's phone comes to lane 0 and registers, as most stories begin; `phone_`, `next_hop_wire_` and `path_` are
  /// hers.
  void meet_alice(std::size_t lanes = 1) {
    start(lanes);
    phone_ = client();
    path_ = register_at(phone_, next_hop_wire_);
  }

  [[nodiscard]] static std::string route_of(const std::string& value) { return "Route: " + value; }
  /// What the token in a Path or Record-Route value says.
  [[nodiscard]] sip::route_token token_in(const std::string& value, const std::string& call_id) const {
    const auto user = value.find("sip:") + 4;
    const auto read = sip_.user.facts.tokens->verify(value.substr(user, value.find('@') - user), call_id);
    EXPECT_TRUE(read) << value;
    return read.value_or(sip::route_token{});
  }
  /// The Route lines of a dialog whose Record-Route this message shows, for the side that sent the request.
  [[nodiscard]] static std::vector<std::string> caller_routes(const std::string& message) {
    std::vector<std::string> lines;
    for (const auto& value : headers_of(message, "Record-Route"))
      lines.insert(lines.begin(), route_of(value));
    return lines;
  }
  [[nodiscard]] static std::vector<std::string> callee_routes(const std::string& message) {
    std::vector<std::string> lines;
    for (const auto& value : headers_of(message, "Record-Route"))
      lines.push_back(route_of(value));
    return lines;
  }

  /// An INVITE crosses from its caller to its callee; gives it back as the callee got it.
  std::string send_invite(wire& caller, const request_text& invite, wire& callee) {
    caller.send(invite.text());
    expect_status(caller, 100);
    return expect_request(callee, "INVITE");
  }
  void expect_ringing(wire& callee, const std::string& at_callee, wire& caller) {
    callee.send(answer_to(at_callee, "180 Ringing"));
    expect_status(caller, 180);
  }
  /// The caller of a call that rings cancels: the callee hears of it and refuses the INVITE, which ends the session.
  void expect_cancelled(wire& caller, request_text invite, wire& callee, const std::string& at_callee) {
    invite.method = "CANCEL";
    caller.send(invite.text());
    expect_status(caller, 200);
    callee.send(answer_to(expect_request(callee, "CANCEL"), "200 OK"));
    callee.send(answer_to(at_callee, "487 Request Terminated"));
    expect_request(callee, "ACK");
    expect_status(caller, 487);
    EXPECT_TRUE(until([&] { return sessions() == 0; }));
  }

  /// The ACK of a 2xx to `invite`.
  void expect_acknowledged(wire& caller, request_text invite, wire& callee) {
    invite.method = "ACK";
    invite.branch += "-ack";
    caller.send(invite.text());
    expect_request(callee, "ACK");
  }

  struct answered_call {
    std::string at_callee; ///< The INVITE as the callee got it.
    request_text bye;      ///< Of the caller.
  };
  /// The callee answers, and the caller acknowledges.
  answered_call expect_answered(wire& caller, request_text invite, wire& callee, const std::string& at_callee) {
    callee.send(answer_to(at_callee, "200 OK"));
    const auto answer = expect_status(caller, 200);
    auto within = std::move(invite);
    within.to = header_of(answer, "To");
    within.more = caller_routes(answer);
    expect_acknowledged(caller, within, callee);
    within.method = "BYE";
    within.branch = "z9hG4bK-b";
    within.cseq = "2";
    return {at_callee, std::move(within)};
  }
  /// Alice's call, answered and acknowledged.
  answered_call call_from(wire& phone, wire& next_hop) {
    const request_text invite{.method = "INVITE", .branch = "z9hG4bK-i", .call_id = "call"};
    return expect_answered(phone, invite, next_hop, send_invite(phone, invite, next_hop));
  }
  /// The caller of `call_from` invites again.
  static request_text reinvite_of(request_text bye) {
    bye.method = "INVITE";
    bye.cseq = "3";
    bye.branch = "z9hG4bK-again";
    return bye;
  }
  void expect_reinvite_answered(wire& caller, const request_text& again, wire& callee) {
    callee.send(answer_to(send_invite(caller, again, callee), "200 OK"));
    expect_status(caller, 200);
    expect_acknowledged(caller, again, callee);
  }

  [[nodiscard]] const io::sip_counters& sip(std::size_t lane = 0) const { return lanes_[lane]->sip(); }
  [[nodiscard]] std::uint64_t sessions() const {
    std::uint64_t all = 0;
    for (const auto& each : lanes_)
      all += each->sip().sessions.read();
    return all;
  }
  /// As if a broken invariant had thrown: the actor that has an event before it dies. The others are held.
  void kill_actor_at_work() {
    ASSERT_EQ(scheduler_.jobs.size(), 1u);
    const auto at_work = caf::actor_cast<caf::actor>(scheduler_.next_job<caf::scheduled_actor>().address());
    const caf::error reason = caf::exit_reason::unhandled_exception;
    caf::anon_send<caf::message_priority::high>(at_work, caf::exit_msg{at_work.address(), reason});
    settle();
  }
  void fill_inbox(std::size_t lane) {
    while (inboxes_[lane]->try_push(actors::session_order{}))
      ;
  }

  wire_listener next_hop_;
  io::sip_settings sip_ = sip_settings_toward(next_hop_.local());
  std::size_t inbox_max_ = 1'000;
  bool are_actors_held_ = false;
  milliseconds turn_wait_{1};          ///< Of a lane that has nothing to do.
  std::uint64_t failures_planted_ = 0; ///< Handlers of a lane that were meant to fail.
  time_point now_{std::chrono::hours{1}};
  source_limits gate_{{}};
  actors::session_tally tally_;
  std::vector<std::unique_ptr<io::inbox<actors::session_order>>> inboxes_;
  std::vector<std::unique_ptr<lane_parts>> lanes_;
  caf::actor supervisor_;
  wire phone_;
  wire next_hop_wire_;
  std::string path_; ///< Of Alice's registration.

private:
  std::unique_ptr<io::listener> open(lane_parts& at, side from) {
    auto opened = io::listener::open(at.lane, {.local = loopback()}, gate_, at.endpoint.acceptor(from));
    if (!opened)
      throw std::runtime_error{opened.error().text()};
    return std::move(*opened);
  }
  /// Connections end, transactions run out, dialogs lapse.
  void end_everything() {
    are_actors_held_ = false;
    phone_.close();
    next_hop_wire_.close();
    pass_time(0ms);
    for (const auto& each : lanes_)
      each->endpoint.close_all(io::close_reason::local_shutdown);
    pass_time(5s); // Whoever does not close too is cut off.
    for (int i = 0; i < 15; ++i)
      pass_time(32s);
    pass_time(13h);
  }
  void expect_nothing_left(const lane_parts& at) const {
    EXPECT_EQ(at.sip().sessions.read(), 0u);
    EXPECT_EQ(at.sip().in_flight.read(), 0u);
    EXPECT_EQ(at.sip().server_transactions.read(), 0u);
    EXPECT_EQ(at.sip().client_transactions.read(), 0u);
    EXPECT_EQ(at.sip().flows_outside.read(), 0u);
    EXPECT_EQ(at.sip().flows_inside.read(), 0u);
    EXPECT_EQ(at.lane.counters().live.read(), 0u);
    EXPECT_EQ(at.lane.counters().handler_failures.read(), failures_planted_);
  }
};

} // namespace sallyport::test
