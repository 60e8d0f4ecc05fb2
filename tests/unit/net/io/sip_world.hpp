#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "net/core/source_limits.hpp"
#include "net/io/listener.hpp"
#include "net/io/sip_endpoint.hpp"
#include "net/sip/branch.hpp"
#include "net/sip/local_response.hpp"
#include "tests/support/edge_settings.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/wire.hpp"
#include "tests/unit/net/io/recording_user.hpp"

namespace sallyport::test {

using namespace std::chrono_literals;

/// How often a reason was counted.
inline std::uint64_t count_of(const io::reason_counters& reasons, std::string_view reason) {
  std::uint64_t found = 0;
  reasons.each([&](std::string_view each, std::uint64_t count) { found += each == reason ? count : 0; });
  return found;
}

/// Lets every request inward, or answers every one.
struct scripted_judge final : sip::access_judge {
  [[nodiscard]] sip::access_answer judge(const sip::access_question&) const override { return answer; }

  sip::access_answer answer{.goes = sip::access_answer::way::inward, .status = 0, .reason = {}};
};

/// One lane of four with a SIP endpoint on real sockets, run by the test's own thread, whose clock moves only when the
/// test says so. Requests begin sessions here; what a test sends by itself is ordered by a session of another lane. At
/// the end nothing may live.
class sip_world : public testing::Test {
protected:
  ~sip_world() override {
    end_everything();
    EXPECT_EQ(counters().flows_outside.read(), 0u);
    EXPECT_EQ(counters().flows_inside.read(), 0u);
    EXPECT_EQ(counters().server_transactions.read(), 0u);
    EXPECT_EQ(counters().client_transactions.read(), 0u);
    EXPECT_EQ(counters().sessions.read(), 0u);
    EXPECT_EQ(counters().in_flight.read(), 0u);
    EXPECT_THAT(user_.ended, testing::UnorderedElementsAreArray(user_.started));
    EXPECT_EQ(lane_.counters().handler_failures.read(), user_.thrown);
    EXPECT_EQ(lane_.counters().live.read(), 0u);
    EXPECT_EQ(gate_.connections(loopback().address), 0u);
    outside_.reset();
    inside_.reset();
    endpoint_.reset();
    EXPECT_EQ(lane_.timers(), 0u);
  }

  void start() { start(sip_settings_toward(next_hop_.local())); }
  void start(io::sip_settings settings) {
    settings.user.lanes = 4;
    settings.user.judge = judge_;
    endpoint_ = std::make_unique<io::sip_endpoint>(lane_, settings, user_);
    outside_ = open(side::outside);
    inside_ = open(side::inside);
  }

  /// Turns the loop until `is_done`, for at most 10 s of real time.
  template <class Condition>
  [[nodiscard]] bool until(Condition&& is_done) {
    const auto give_up = std::chrono::steady_clock::now() + 10s;
    while (!is_done()) {
      if (std::chrono::steady_clock::now() > give_up)
        return false;
      lane_.run_once(5ms);
    }
    return true;
  }
  /// Turns the loop until nothing more is ready.
  void spin() {
    for (int turn = 0; turn < 1'000 && lane_.run_once(2ms) > 0; ++turn)
      ;
  }
  void pass(milliseconds span) {
    now_ += span;
    spin();
  }

  wire client() { return wire{outside_->local()}; }
  wire server() { return wire{inside_->local()}; }

  /// The next whole message on a wire.
  std::string message_on(wire& at) {
    std::string got;
    EXPECT_TRUE(until([&] { return !(got = at.take_message()).empty(); })) << "no message came";
    return got;
  }
  wire accepted() {
    wire got;
    EXPECT_TRUE(until([&] { return static_cast<bool>(got = next_hop_.accept()); })) << "no connection came";
    return got;
  }

  /// Sends one request and waits until its session has it.
  void deliver(wire& by, const request_text& request) {
    const auto before = user_.requests.size();
    by.send(request.text());
    ASSERT_TRUE(until([&] { return user_.requests.size() > before; }));
  }
  /// The answer of a session of this lane to one event.
  void settle(const sip::session_id& session, std::vector<sip::order> orders,
              std::optional<time_point> next_deadline = {}) {
    endpoint_->settle({session, {std::move(orders)}, next_deadline, false});
  }
  /// The session of a request answers it.
  void respond(std::size_t which, unsigned status) {
    const auto& [session, server, from, request] = user_.requests.at(which);
    settle(session, {sip::send_response{server, status, sip::write_local_response(*request, from, status, "", "tag")}});
  }
  /// Request `number` of the session elsewhere; `text` is it without our Via.
  sip::client_key send_to(sip::destination to, std::uint32_t number, request_text text = {}) {
    const sip::client_key client{session_, number};
    order(outgoing(client, to, std::move(text)));
    return client;
  }
  sip::client_key send_inward(std::uint32_t number, request_text text = {}) {
    return send_to(sip::next_hop{}, number, std::move(text));
  }
  /// What the session elsewhere wants done on this lane.
  void order(sip::order asked) { endpoint_->receive(sip::relayed_order{session_, std::move(asked)}); }
  static sip::send_request outgoing(const sip::client_key& client, sip::destination to, request_text text) {
    const auto toward = sip::side_of(to);
    sip::loop_hash loop;
    loop.fill('0');
    const auto branch = sip::write_branch(client.session, client.number, client.number, loop);
    auto bytes = text.text();
    const auto name = edge()->of(toward).sent_by.text();
    bytes.insert(bytes.find("\r\n") + 2, "Via: SIP/2.0/TCP " + name + ";branch=" + branch + "\r\n");
    return {.number = client.number,
            .to = to,
            .toward = toward,
            .branch = branch,
            .kind = sip::parse_method(text.method),
            .bytes = std::move(bytes)};
  }

  [[nodiscard]] const io::sip_counters& counters() const { return endpoint_->counters(); }
  [[nodiscard]] std::uint64_t closed_by(io::close_reason reason) const {
    return lane_.counters().closed_by(reason).read();
  }

  time_point now_{std::chrono::hours{1}};
  io::lane lane_{2, {.timers_max = 64}, [this] { return now_; }};
  source_limits gate_{{}};
  const std::shared_ptr<scripted_judge> judge_ = std::make_shared<scripted_judge>();
  recording_user user_;
  wire_listener next_hop_;
  const sip::session_id session_{this_node, 3, 5, 1}; ///< Elsewhere.
  std::unique_ptr<io::sip_endpoint> endpoint_;

private:
  std::unique_ptr<io::listener> open(side from) {
    auto opened = io::listener::open(lane_, {.local = loopback()}, gate_, endpoint_->door(from));
    if (!opened)
      throw std::runtime_error{opened.error().text()};
    return std::move(*opened);
  }
  /// Connections end, transactions run out, sessions are ended.
  void end_everything() {
    spin();
    endpoint_->close_all(io::close_reason::local_shutdown);
    spin();
    pass(5s); // Whoever does not close too is cut off.
    for (int step = 0; step < 10; ++step)
      pass(32s);
    endpoint_->end_sessions();
  }

  std::unique_ptr<io::listener> outside_;
  std::unique_ptr<io::listener> inside_;
};

} // namespace sallyport::test
