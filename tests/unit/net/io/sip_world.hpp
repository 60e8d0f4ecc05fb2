#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <vector>

#include "net/core/source_limits.hpp"
#include "net/io/listener.hpp"
#include "net/io/sip_endpoint.hpp"
#include "net/sip/branch.hpp"
#include "net/sip/message.hpp"
#include "tests/support/edge_settings.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/wire.hpp"

namespace sallyport::test {

using namespace std::chrono_literals;

/// How often a reason was counted.
inline std::uint64_t count_of(const io::reason_counters& reasons, std::string_view reason) {
  std::uint64_t found = 0;
  reasons.each([&](std::string_view each, std::uint64_t count) { found += each == reason ? count : 0; });
  return found;
}

/// A transaction user that remembers what it was told.
class recording_user final : public io::sip_user {
public:
  struct heard_request {
    sip::arrival from;
    sip::message request;
  };
  struct heard_response {
    sip::client_key client;
    sip::message response;
  };

  void on_request(const sip::arrival& from, const sip::message_view& request) override {
    requests.push_back({from, sip::message{request}});
    if (when_request)
      when_request(from, request);
  }
  void on_response(const sip::client_key& client, const sip::arrival&, const sip::message_view& response) override {
    responses.push_back({client, sip::message{response}});
  }
  void on_response_elsewhere(sip::session_id session, const sip::arrival&, const sip::message_view&) override {
    elsewhere.push_back(session);
  }
  void on_client_failure(const sip::client_failure& failure) override { failures.push_back(failure); }
  void on_server_ended(const sip::server_ended& ended) override {
    ends.push_back(ended);
    if (when_ended)
      when_ended();
  }

  std::vector<heard_request> requests;
  std::vector<heard_response> responses;
  std::vector<sip::session_id> elsewhere;
  std::vector<sip::client_failure> failures;
  std::vector<sip::server_ended> ends;
  std::function<void(const sip::arrival&, const sip::message_view&)> when_request;
  std::function<void()> when_ended;
};

/// One lane with a SIP endpoint on real sockets, run by the test's own thread, whose clock moves only when the test
/// says so. At the end nothing may live.
class sip_world : public testing::Test {
protected:
  ~sip_world() override {
    end_everything();
    EXPECT_EQ(counters().flows_outside.read(), 0u);
    EXPECT_EQ(counters().flows_inside.read(), 0u);
    EXPECT_EQ(counters().server_transactions.read(), 0u);
    EXPECT_EQ(counters().client_transactions.read(), 0u);
    EXPECT_EQ(lane_.counters().handler_failures.read(), 0u);
    EXPECT_EQ(lane_.counters().live.read(), 0u);
    EXPECT_EQ(gate_.connections(loopback().address), 0u);
    outside_.reset();
    inside_.reset();
    endpoint_.reset();
    EXPECT_EQ(lane_.timers(), 0u);
  }

  void start() { start(sip_settings_toward(next_hop_.local())); }
  void start(const io::sip_settings& settings) {
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

  /// What session `number` sends toward the inside, written and sent; `text` is its request without our Via.
  sip::client_key send_inward(std::uint32_t number, request_text text = {}) {
    const sip::client_key client{session_, number};
    endpoint_->request(outgoing(client, sip::next_hop{}, std::move(text)));
    return client;
  }
  sip::client_request outgoing(const sip::client_key& client, sip::destination to, request_text text) {
    const auto toward = sip::side_of(to);
    sip::loop_hash loop;
    loop.fill('0');
    const auto branch = sip::write_branch(client.session, client.number, client.number, loop);
    auto bytes = text.text();
    const auto name = endpoint_identity().of(toward).sent_by.text();
    bytes.insert(bytes.find("\r\n") + 2, "Via: SIP/2.0/TCP " + name + ";branch=" + branch + "\r\n");
    return {.client = client,
            .to = to,
            .toward = toward,
            .over = transport::tcp,
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
  recording_user user_;
  wire_listener next_hop_;
  const sip::session_id session_{this_node, 2, 5, 1};
  std::unique_ptr<io::sip_endpoint> endpoint_;

private:
  std::unique_ptr<io::listener> open(side from) {
    auto opened = io::listener::open(lane_, {.local = loopback()}, gate_, endpoint_->door(from));
    if (!opened)
      throw std::runtime_error{opened.error().text()};
    return std::move(*opened);
  }
  static const sip::edge_identity& endpoint_identity() {
    static const auto one = edge();
    return *one;
  }
  /// Connections end, transactions run out.
  void end_everything() {
    spin();
    endpoint_->close_all(io::close_reason::local_shutdown);
    spin();
    pass(5s); // Whoever does not close too is cut off.
    for (int step = 0; step < 10; ++step)
      pass(32s);
  }

  std::unique_ptr<io::listener> outside_;
  std::unique_ptr<io::listener> inside_;
};

} // namespace sallyport::test
