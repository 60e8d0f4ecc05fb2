#include "actors/access/lane_sessions.hpp"
#include "tests/unit/actors/access/lane_sessions_world.hpp"

namespace sallyport::test {
namespace {

/// A client that knows the Route tokens of a call, and wants more than that call.
class LaneSessionsIntruder : public lane_sessions_world {
protected:
  /// Alice has called and hung up; her session is gone and her tokens are not.
  request_text ended_call() {
    meet_alice();
    const auto call = call_from(phone_, next_hop_wire_);
    expect_exchange(phone_, call.bye, next_hop_wire_);
    pass_time(33s);
    EXPECT_EQ(sessions(), 0u);
    return call.bye;
  }
};

TEST_F(LaneSessionsIntruder, ATokenOfACallOpensNoOtherUnderAnybodysName) {
  auto intrusion = ended_call();
  intrusion.method = "INVITE";
  intrusion.from = "<sip:ceo@edge.example>;tag=e";
  intrusion.to = "<sip:bob@edge.example>";
  auto other = client();
  other.send(intrusion.text());
  expect_status(other, 403);
  EXPECT_EQ(count_of(sip().refused, "forged_token"), 1u);

  phone_.send(intrusion.text());
  expect_status(phone_, 403);
  EXPECT_EQ(count_of(sip().refused, "forged_token"), 2u);
}

TEST_F(LaneSessionsIntruder, ARegistrationChoosesNoServerToBeAnsweredBy) {
  start();
  auto other = client();
  other.send(request_text{.method = "REGISTER",
                          .uri = "sip:edge.example",
                          .to = "<sip:ceo@edge.example>",
                          .more = {"Route: <sip:intruder.example;lr>", "Authorization: Digest x=y"}}
               .text());
  expect_status(other, 403);
  EXPECT_EQ(count_of(sip().refused, "foreign_route"), 1u);
  EXPECT_EQ(sip().next_hop_connects.read(), 0u);
}

TEST_F(LaneSessionsIntruder, AReinviteOfACallThatIsOverHoldsNoSession) {
  const auto received = send_invite(phone_, reinvite_of(ended_call()), next_hop_wire_);
  EXPECT_EQ(sessions(), 1u);
  next_hop_wire_.send(answer_to(received, "404 Not Found"));
  expect_request(next_hop_wire_, "ACK");
  expect_status(phone_, 404);
  EXPECT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(LaneSessionsIntruder, AReinviteOfACallWhoseSessionIsLostHoldsOneUntilItsTransactionIsOver) {
  expect_reinvite_answered(phone_, reinvite_of(ended_call()), next_hop_wire_);
  pass_time(33s); // Until then the 2xx may come again.
  EXPECT_EQ(sessions(), 0u);
}

} // namespace
} // namespace sallyport::test
