#include "tests/unit/actors/access/lane_sessions_world.hpp"

namespace sallyport::test {
namespace {

/// Two lanes: what arrives on one and belongs to the other.
class LaneSessionsOfTwoLanes : public lane_sessions_world {
protected:
  /// Alice's phone on lane 0, registered; the inside server connected to lane 1.
  void meet() {
    meet_alice(2);
    inside_ = server(1);
  }
  [[nodiscard]] request_text call_of_inside() const {
    return {.method = "INVITE", .uri = "sip:alice@client.example", .branch = "z9hG4bK-i", .more = {route_of(path_)}};
  }
  void call_the_phone() { invite_ = send_invite(inside_, call_of_inside(), phone_); }
  /// The call from inside answered and acknowledged; returns what a request of its caller looks like.
  request_text answer_the_call() { return expect_answered(inside_, call_of_inside(), phone_, invite_).bye; }
  /// A request of the phone that was called, inside the dialog.
  [[nodiscard]] request_text of_phone(const std::string& method, const request_text& of_caller) const {
    return {.method = method,
            .uri = "sip:bob@10.0.0.9",
            .branch = "z9hG4bK-p",
            .from = header_of(invite_, "To") + ";tag=b1",
            .to = of_caller.from,
            .more = callee_routes(invite_)};
  }
  /// Turns one lane alone: the other stands still.
  template <class Condition>
  [[nodiscard]] bool until_on(std::size_t lane, Condition&& is_done) {
    for (int turn = 0; turn < 1'000 && !is_done(); ++turn)
      lanes_[lane]->lane.run_once(10ms);
    return is_done();
  }

  wire inside_;
  std::string invite_;
};

TEST_F(LaneSessionsOfTwoLanes, ACallForAFlowOfAnotherLaneGoesOutThereAndItsAnswersComeBack) {
  meet();
  call_the_phone();
  EXPECT_EQ(sip(0).sessions.read(), 1u) << "it lives with its client";
  EXPECT_EQ(sip(1).sessions.read(), 0u);
  expect_ringing(phone_, invite_, inside_);
  expect_exchange(inside_, answer_the_call(), phone_);
}

TEST_F(LaneSessionsOfTwoLanes, ACancelFindsTheInviteOnTheOtherLane) {
  meet();
  call_the_phone();
  expect_ringing(phone_, invite_, inside_);
  expect_cancelled(inside_, call_of_inside(), phone_, invite_);
}

TEST_F(LaneSessionsOfTwoLanes, AFlowOfAnotherLaneThatEndsFailsTheCall) {
  meet();
  call_the_phone();
  phone_.reset();
  expect_status(inside_, 430);
}

TEST_F(LaneSessionsOfTwoLanes, ARequestThatArrivesAwayFromItsDialogsHomeIsRelayedThere) {
  meet();
  call_the_phone();
  const auto of_caller = answer_the_call();
  auto moved = client(1);
  // The home sends it by its own connection to the next hop.
  expect_exchange(moved, of_phone("BYE", of_caller), next_hop_wire_);
  EXPECT_EQ(sip(1).dialogs_started.read() + sip(1).exchanges_started.read(), 0u);
}

TEST_F(LaneSessionsOfTwoLanes, AResponseThatArrivesOnTheWrongLaneIsRelayed) {
  meet();
  phone_.send(request_text{}.text());
  const auto received = message_on(next_hop_wire_);
  inside_.send(answer_to(received, "200 OK")); // On a connection of lane 1.
  expect_status(phone_, 200);
  ASSERT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(LaneSessionsOfTwoLanes, ARequestWhoseSessionIsGoneFromItsHomeGoesOnByItsToken) {
  meet();
  call_the_phone();
  const auto bye_of_caller = answer_the_call();
  expect_exchange(inside_, bye_of_caller, phone_);
  pass_time(33s); // Until then a forked 2xx might have come.
  ASSERT_TRUE(until([&] { return sessions() == 0; }));

  expect_exchange(phone_, of_phone("INFO", bye_of_caller), next_hop_wire_, "481 Call/Transaction Does Not Exist");
}

TEST_F(LaneSessionsOfTwoLanes, WhoWaitsOnAnotherLaneForALostSessionIsAnsweredToo) {
  meet();
  call_the_phone();
  auto info = answer_the_call();
  info.method = "INFO";
  are_actors_held_ = true;
  inside_.send(info.text()); // Its transaction is lane 1's, its session lane 0's.
  ASSERT_TRUE(until([&] { return sip(0).in_flight.read() == 1; }));
  kill_actor_at_work();
  are_actors_held_ = false;
  expect_status(inside_, 500);
  EXPECT_EQ(sip(0).sessions_lost.read(), 1u);
  EXPECT_EQ(sip(1).sessions_lost.read(), 0u);
}

TEST_F(LaneSessionsOfTwoLanes, ARequestThatFindsTheHomesInboxFullIsToldWhenToComeBack) {
  meet();
  call_the_phone();
  auto info = answer_the_call();
  info.method = "INFO";
  fill_inbox(0);
  inside_.send(info.text());
  ASSERT_TRUE(until_on(1, [&] { return count_of(sip(1).dropped, "inbox_full") == 1; }));
  expect_status(inside_, 503);
  EXPECT_EQ(sip(1).requests_shed.read(), 1u);
}

TEST_F(LaneSessionsOfTwoLanes, ACallThatFindsItsClientsInboxFullIsRefused) {
  meet();
  fill_inbox(0);
  inside_.send(request_text{.method = "INVITE", .uri = "sip:alice@client.example", .more = {route_of(path_)}}.text());
  ASSERT_TRUE(until_on(1, [&] { return count_of(sip(1).dropped, "inbox_full") == 1; }));
  expect_status(inside_, 100);
  expect_status(inside_, 503);
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(LaneSessionsOfTwoLanes, AFinalResponsePassesAFullInbox) {
  meet();
  call_the_phone();
  fill_inbox(1);
  phone_.send(answer_to(invite_, "180 Ringing") + answer_to(invite_, "486 Busy Here"));
  ASSERT_TRUE(until_on(0,
                       [&] {
                         settle();
                         return count_of(sip(0).dropped, "inbox_full") == 1 && sip(0).in_flight.read() == 0;
                       }))
    << "the 180";
  expect_status(inside_, 486);
}

TEST_F(LaneSessionsOfTwoLanes, CallsByOneInsideConnectionLiveWithTheirClients) {
  meet();
  auto other_phone = client(1);
  wire other_next_hop;
  const auto other_path = register_at(other_phone, other_next_hop, "bob");
  for (int call = 0; call < 6; ++call) {
    const bool is_for_bob = call % 2 == 1;
    inside_.send(request_text{.method = "INVITE",
                              .uri = is_for_bob ? "sip:bob@client.example" : "sip:alice@client.example",
                              .branch = "z9hG4bK-" + std::to_string(call),
                              .call_id = "call-" + std::to_string(call),
                              .more = {route_of(is_for_bob ? other_path : path_)}}
                   .text());
    expect_request(is_for_bob ? other_phone : phone_, "INVITE");
  }
  EXPECT_EQ(sip(0).sessions.read(), 3u);
  EXPECT_EQ(sip(1).sessions.read(), 3u);
}

TEST_F(LaneSessionsOfTwoLanes, ATokenThatNamesALaneWeDoNotHaveReachesNobody) {
  meet();
  const sip::route_token token{.type = sip::route_token::kind::path, .flow = {{this_node, 9, 0, 1}, this_incarnation}};
  inside_.send(
    request_text{.method = "OPTIONS",
                 .uri = "sip:alice@client.example",
                 .more = {route_of("<sip:" + sip_.user.facts.tokens->sign(token, "") + "@10.0.0.1:5062;lr>")}}
      .text());
  expect_status(inside_, 430);
}

} // namespace
} // namespace sallyport::test
