#include "tests/unit/actors/access/desk_world.hpp"

namespace sallyport::test {
namespace {

using testing::StartsWith;

/// Two lanes: what arrives on one and belongs to the other.
class DeskLanes : public desk_world {
protected:
  /// Alice's phone on lane 0, registered; the inside server connected to lane 1.
  void meet() {
    start(2);
    phone_ = client(0);
    path_ = register_at(phone_, next_hop_wire_);
    inside_ = server(1);
  }
  void call_the_phone() {
    inside_.send(request_text{
      .method = "INVITE", .uri = "sip:alice@client.example", .branch = "z9hG4bK-i", .more = {route_of(path_)}}
                   .text());
    expect_status(inside_, 100);
    invite_ = message_on(phone_);
    ASSERT_THAT(invite_, StartsWith("INVITE "));
  }
  /// The call from inside answered and acknowledged; returns what a request of its caller looks like.
  request_text answer_the_call() {
    phone_.send(answer_to(invite_, "200 OK"));
    const auto answer = message_on(inside_);
    EXPECT_THAT(answer, StartsWith("SIP/2.0 200 "));
    request_text within{.method = "ACK",
                        .uri = "sip:alice@client.example",
                        .branch = "z9hG4bK-a",
                        .to = header_of(answer, "To"),
                        .more = caller_routes(answer)};
    inside_.send(within.text());
    EXPECT_THAT(message_on(phone_), StartsWith("ACK "));
    within.method = "BYE";
    within.cseq = "2";
    within.branch = "z9hG4bK-b";
    return within;
  }
  [[nodiscard]] const io::sip_counters& counters(std::size_t lane) const { return lanes_[lane]->sip(); }
  /// Turns one lane alone: the other stands still.
  template <class Condition>
  [[nodiscard]] bool until_on(std::size_t lane, Condition&& is_done) {
    for (int turn = 0; turn < 1'000 && !is_done(); ++turn)
      lanes_[lane]->lane.run_once(10ms);
    return is_done();
  }
  void fill_inbox(std::size_t lane) {
    while (inboxes_[lane]->try_push(actors::desk_order{}))
      ;
  }

  wire phone_;
  wire next_hop_wire_;
  wire inside_;
  std::string path_;
  std::string invite_;
};

TEST_F(DeskLanes, ACallForAFlowOfAnotherLaneGoesOutThereAndItsAnswersComeBack) {
  meet();
  call_the_phone();
  EXPECT_EQ(counters(0).sessions.read(), 1u) << "it lives with its client";
  EXPECT_EQ(counters(1).sessions.read(), 0u);
  phone_.send(answer_to(invite_, "180 Ringing"));
  expect_status(inside_, 180);

  const auto bye = answer_the_call();
  inside_.send(bye.text());
  const auto received = message_on(phone_);
  EXPECT_THAT(received, StartsWith("BYE "));
  phone_.send(answer_to(received, "200 OK"));
  expect_status(inside_, 200);
}

TEST_F(DeskLanes, ACancelFindsTheInviteOnTheOtherLane) {
  meet();
  call_the_phone();
  phone_.send(answer_to(invite_, "180 Ringing"));
  expect_status(inside_, 180);
  inside_.send(request_text{.method = "CANCEL", .uri = "sip:alice@client.example", .branch = "z9hG4bK-i"}.text());
  expect_status(inside_, 200);
  const auto cancel = message_on(phone_);
  ASSERT_THAT(cancel, StartsWith("CANCEL "));
  phone_.send(answer_to(cancel, "200 OK"));
  phone_.send(answer_to(invite_, "487 Request Terminated"));
  EXPECT_THAT(message_on(phone_), StartsWith("ACK "));
  expect_status(inside_, 487);
  ASSERT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(DeskLanes, AFlowOfAnotherLaneThatEndsFailsTheCall) {
  meet();
  call_the_phone();
  phone_.reset();
  expect_status(inside_, 430);
}

TEST_F(DeskLanes, ARequestThatArrivesAwayFromItsDialogsHomeIsRelayedThere) {
  meet();
  call_the_phone();
  const auto of_caller = answer_the_call();
  auto moved = client(1);
  moved.send(request_text{.method = "BYE",
                          .uri = "sip:bob@10.0.0.9",
                          .branch = "z9hG4bK-p",
                          .from = header_of(invite_, "To") + ";tag=b1",
                          .to = of_caller.from,
                          .more = callee_routes(invite_)}
               .text());
  const auto received = message_on(next_hop_wire_); // The home sends it by its own connection to the next hop.
  EXPECT_THAT(received, StartsWith("BYE "));
  next_hop_wire_.send(answer_to(received, "200 OK"));
  expect_status(moved, 200);
  EXPECT_EQ(counters(1).dialogs_started.read() + counters(1).exchanges_started.read(), 0u);
}

TEST_F(DeskLanes, AResponseThatArrivesOnTheWrongLaneIsRelayed) {
  meet();
  phone_.send(request_text{}.text());
  const auto received = message_on(next_hop_wire_);
  inside_.send(answer_to(received, "200 OK")); // On a connection of lane 1.
  expect_status(phone_, 200);
  ASSERT_TRUE(until([&] { return sessions() == 0; }));
}

TEST_F(DeskLanes, ARequestWhoseSessionIsGoneFromItsHomeGoesOnByItsToken) {
  meet();
  call_the_phone();
  const auto bye_of_caller = answer_the_call();
  inside_.send(bye_of_caller.text());
  phone_.send(answer_to(message_on(phone_), "200 OK"));
  expect_status(inside_, 200);
  pass_time(33s); // Until then a forked 2xx might have come.
  ASSERT_TRUE(until([&] { return sessions() == 0; }));

  request_text late{.method = "INFO",
                    .uri = "sip:bob@10.0.0.9",
                    .branch = "z9hG4bK-p",
                    .from = header_of(invite_, "To") + ";tag=b1",
                    .to = bye_of_caller.from,
                    .more = callee_routes(invite_)};
  phone_.send(late.text());
  const auto received = message_on(next_hop_wire_);
  EXPECT_THAT(received, StartsWith("INFO "));
  next_hop_wire_.send(answer_to(received, "481 Call/Transaction Does Not Exist"));
  expect_status(phone_, 481);
}

TEST_F(DeskLanes, WhoWaitsOnAnotherLaneForALostSessionIsAnsweredToo) {
  meet();
  call_the_phone();
  auto info = answer_the_call();
  info.method = "INFO";
  are_actors_held_ = true;
  inside_.send(info.text()); // Its transaction is lane 1's, its session lane 0's.
  ASSERT_TRUE(until([&] { return counters(0).in_flight.read() == 1; }));
  fill_inbox(0);
  settle();
  are_actors_held_ = false;
  expect_status(inside_, 500);
  EXPECT_EQ(counters(0).sessions_lost.read(), 1u);
  EXPECT_EQ(counters(1).sessions_lost.read(), 0u);
}

TEST_F(DeskLanes, ARequestThatFindsTheHomesInboxFullIsToldWhenToComeBack) {
  meet();
  call_the_phone();
  auto info = answer_the_call();
  info.method = "INFO";
  fill_inbox(0);
  inside_.send(info.text());
  ASSERT_TRUE(until_on(1, [&] { return count_of(lanes_[1]->sip().dropped, "inbox_full") == 1; }));
  expect_status(inside_, 503);
  EXPECT_EQ(counters(1).requests_shed.read(), 1u);
}

TEST_F(DeskLanes, ACallThatFindsItsClientsInboxFullIsRefused) {
  meet();
  fill_inbox(0);
  inside_.send(request_text{.method = "INVITE", .uri = "sip:alice@client.example", .more = {route_of(path_)}}.text());
  ASSERT_TRUE(until_on(1, [&] { return count_of(lanes_[1]->sip().dropped, "inbox_full") == 1; }));
  expect_status(inside_, 100);
  expect_status(inside_, 503);
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(DeskLanes, AFinalResponsePassesAFullInbox) {
  meet();
  call_the_phone();
  fill_inbox(1);
  phone_.send(answer_to(invite_, "180 Ringing") + answer_to(invite_, "486 Busy Here"));
  ASSERT_TRUE(until_on(0,
                       [&] {
                         settle();
                         return count_of(lanes_[0]->sip().dropped, "inbox_full") == 1 &&
                                counters(0).in_flight.read() == 0;
                       }))
    << "the 180";
  expect_status(inside_, 486);
}

TEST_F(DeskLanes, CallsByOneInsideConnectionLiveWithTheirClients) {
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
    EXPECT_THAT(message_on(is_for_bob ? other_phone : phone_), StartsWith("INVITE "));
  }
  EXPECT_EQ(counters(0).sessions.read(), 3u);
  EXPECT_EQ(counters(1).sessions.read(), 3u);
}

TEST_F(DeskLanes, ATokenThatNamesALaneWeDoNotHaveReachesNobody) {
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
