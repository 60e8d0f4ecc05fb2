#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "net/core/source_limits.hpp"
#include "net/io/listener.hpp"
#include "net/io/sip_endpoint.hpp"
#include "tests/support/edge_settings.hpp"
#include "tests/support/reasons.hpp"
#include "tests/support/sip_text.hpp"
#include "tests/support/wire.hpp"
#include "tests/unit/net/io/recording_user.hpp"

namespace sallyport::test {

using namespace std::chrono_literals;

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
  sip_world();
  ~sip_world() override;

  void start() { start(sip_settings_toward(next_hop_.local())); }
  void start(io::sip_settings settings);

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
  void spin();
  void pass(milliseconds span);

  wire client() { return wire{outside_->local()}; }
  wire server() { return wire{inside_->local()}; }

  /// The next whole message on a wire.
  std::string message_on(wire& at);
  wire accepted();

  /// Sends one request and waits until its session has it.
  void deliver(wire& by, const request_text& request);
  /// The answer of a session of this lane to one event.
  void settle(const sip::session_id& session, std::vector<sip::order> orders,
              std::optional<time_point> next_deadline = {});
  /// The session of a request answers it.
  void respond(std::size_t which, unsigned status);
  /// Request `number` of the session elsewhere; `text` is it without our Via.
  sip::client_key send_to(sip::destination to, std::uint32_t number, request_text text = {});
  sip::client_key send_inward(std::uint32_t number, request_text text = {});
  /// What the session elsewhere wants done on this lane.
  void order(sip::order asked);
  static sip::send_request outgoing(const sip::client_key& client, sip::destination to, request_text text);

  [[nodiscard]] const io::sip_counters& counters() const { return endpoint_->counters(); }
  [[nodiscard]] std::uint64_t closed_by(io::close_reason reason) const {
    return lane_.counters().closed_by(reason).read();
  }

  time_point now_{std::chrono::hours{1}};
  io::lane lane_{2, {.timers_max = 64}, [this] { return moment{.boot = now_}; }};
  source_limits gate_{{.connections_max = 1'000}};
  std::optional<io::unproved_limits> unproved_; ///< Of those outside.
  const std::shared_ptr<scripted_judge> judge_ = std::make_shared<scripted_judge>();
  recording_user user_;
  wire_listener next_hop_;
  const sip::session_id session_{this_node, 3, 5, 1}; ///< Elsewhere.
  std::unique_ptr<io::sip_endpoint> endpoint_;

private:
  std::unique_ptr<io::listener> open(side from);
  /// Connections end, transactions run out, sessions are ended.
  void end_everything();

  std::unique_ptr<io::listener> outside_;
  std::unique_ptr<io::listener> inside_;
};

} // namespace sallyport::test
