#include "tests/unit/actors/access/lane_sessions_world.hpp"

namespace sallyport::test {
namespace {

/// What is left when a session's actor dies, or when a token names what an earlier life of the node had.
class LaneSessionsLoss : public lane_sessions_world {
protected:
  /// A phone that has registered, and its call in which the callee rings.
  void ring() {
    meet_alice();
    invite_ = send_invite(phone_, {.method = "INVITE", .branch = "z9hG4bK-i"}, next_hop_wire_);
    expect_ringing(next_hop_wire_, invite_, phone_);
  }
  /// The session dies of the next event for it.
  void lose_session_by(wire& by, const std::string& text) {
    are_actors_held_ = true;
    by.send(text);
    ASSERT_TRUE(until([&] { return sip().in_flight.read() == 1; }));
    kill_actor_at_work();
    are_actors_held_ = false;
    ASSERT_TRUE(until([&] { return sip().sessions_lost.read() == 1; }));
  }
  [[nodiscard]] std::string token_of(sip::route_token::kind type, std::uint32_t incarnation,
                                     const std::string& call_id) const {
    const sip::route_token token{
      .type = type, .flow = {{this_node, 0, 0, 1}, incarnation}, .session = {{this_node, 0, 0, 1}, incarnation}};
    return route_with(token, call_id);
  }
  [[nodiscard]] std::string route_with(const sip::route_token& token, const std::string& call_id) const {
    return route_of("<sip:" + sip_.user.facts.tokens->sign(token, call_id) + "@edge.example;lr>");
  }

  std::string invite_;
};

TEST_F(LaneSessionsLoss, ASessionThatThrowsIsAnsweredForAndCountedAndTheOthersGoOn) {
  ring();
  auto other = client();
  register_at(other, next_hop_wire_, "carol");
  const auto other_invite = send_invite(
    other, {.method = "INVITE", .from = "<sip:carol@edge.example>;tag=c", .call_id = "other"}, next_hop_wire_);
  ASSERT_EQ(sessions(), 2u);

  lose_session_by(next_hop_wire_, answer_to(invite_, "183 Session Progress"));
  expect_status(phone_, 500);
  expect_request(next_hop_wire_, "CANCEL");
  EXPECT_EQ(sip().sessions_lost.read(), 1u);
  EXPECT_EQ(tally_.sessions_failed.load(), 1u);
  EXPECT_EQ(sip().in_flight.read(), 0u);
  EXPECT_EQ(sessions(), 1u);

  expect_ringing(next_hop_wire_, other_invite, other);
}

TEST_F(LaneSessionsLoss, TheCallGoesOnByItsTokensWhenItsSessionIsLost) {
  meet_alice();
  const auto made = call_from(phone_, next_hop_wire_);
  auto info = made.bye;
  info.method = "INFO";
  lose_session_by(phone_, info.text());
  expect_status(phone_, 500);
  ASSERT_EQ(sessions(), 0u);

  expect_reinvite_answered(phone_, reinvite_of(made.bye), next_hop_wire_); // Its token still names what is gone.
  auto bye = made.bye;
  bye.cseq = "4";
  expect_exchange(phone_, bye, next_hop_wire_);
}

TEST_F(LaneSessionsLoss, ATokenOfAnEarlierLifeRoutesItsDialogInward) {
  start();
  phone_ = client(); // It has come back and has not registered yet.
  const auto route = token_of(sip::route_token::kind::dialog, this_incarnation - 1, "call-1");
  expect_exchange(phone_, {.method = "BYE", .to = "<sip:bob@edge.example>;tag=b1", .more = {route}}, next_hop_wire_);
}

TEST_F(LaneSessionsLoss, AReinviteByATokenOfAnEarlierLifeHasItsAckToo) {
  start();
  phone_ = client();
  const auto route = token_of(sip::route_token::kind::dialog, this_incarnation - 1, "call-1");
  expect_reinvite_answered(phone_, {.method = "INVITE", .to = "<sip:bob@edge.example>;tag=b1", .more = {route}},
                           next_hop_wire_);
}

TEST_F(LaneSessionsLoss, ASessionOfAnEarlierLifeIsNotTakenForTheOneThatHasItsNameNow) {
  ring();
  auto token = token_in(header_of(invite_, "Record-Route"), "call-1");
  request_text info{
    .method = "INFO", .branch = "z9hG4bK-1", .to = "<sip:bob@edge.example>;tag=b9", .call_id = "another"};
  info.more = {route_with(token, info.call_id)};
  phone_.send(info.text());
  expect_status(phone_, 481); // The call that rings knows no such tag.

  token.session.incarnation = this_incarnation - 1;
  info.branch = "z9hG4bK-2";
  info.more = {route_with(token, info.call_id)};
  expect_exchange(phone_, info, next_hop_wire_); // By its token alone.
}

TEST_F(LaneSessionsLoss, ADialogsTokenBeginsNothingNew) {
  start();
  phone_ = client();
  for (const auto incarnation : {this_incarnation, this_incarnation - 1}) { // No To tag: of no dialog.
    const auto route = token_of(sip::route_token::kind::dialog, incarnation, "call-1");
    phone_.send(request_text{.branch = "z9hG4bK-" + std::to_string(incarnation), .more = {route}}.text());
    expect_status(phone_, 403);
  }
  EXPECT_EQ(count_of(sip().refused, "forged_token"), 2u);
  EXPECT_EQ(sip().next_hop_connects.read(), 0u);
}

TEST_F(LaneSessionsLoss, APathOfAnEarlierLifeOpensNoWayInward) {
  start();
  phone_ = client(); // Its registrar showed it the Path (RFC 3327, 5.3): the client knows a genuine token.
  const auto route = token_of(sip::route_token::kind::path, this_incarnation - 1, "");
  phone_.send(request_text{.method = "INVITE", .more = {route}}.text());
  expect_status(phone_, 403);
  EXPECT_EQ(sip().next_hop_connects.read(), 0u);
}

TEST_F(LaneSessionsLoss, FromInsideATokenWhoseFlowIsOfAnEarlierLifeIsAnswered430) {
  start();
  auto registrar = server();
  for (const auto type : {sip::route_token::kind::path, sip::route_token::kind::dialog}) {
    const auto route = token_of(type, this_incarnation - 1, "call-1");
    registrar.send(request_text{.branch = "z9hG4bK-" + std::to_string(static_cast<int>(type)),
                                .to = "<sip:alice@edge.example>;tag=b1",
                                .more = {route}}
                     .text());
    expect_status(registrar, 430); // RFC 5626, 5.3.1.
  }
  EXPECT_EQ(sip().next_hop_connects.read(), 0u) << "sent back to where it came from";
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(LaneSessionsLoss, FromInsideATokenWhoseFlowIsGoneIsAnswered430) {
  ring();
  phone_.reset();
  ASSERT_TRUE(until([&] { return sip().flows_outside.read() == 0; }));
  auto registrar = server();
  registrar.send(request_text{.uri = "sip:alice@client.example", .more = {route_of(path_)}}.text());
  expect_status(registrar, 430);
}

TEST_F(LaneSessionsLoss, WithoutTheirSupervisorItsSessionsEndAndAreAnsweredFor) {
  ring();
  caf::anon_send_exit(supervisor_, caf::exit_reason::kill);
  expect_status(phone_, 500);
  EXPECT_EQ(sip().sessions_lost.read(), 1u);
  EXPECT_EQ(sessions(), 0u);
}

TEST_F(LaneSessionsLoss, ClosingEndsEverySession) {
  ring();
  lanes_[0]->endpoint.end_sessions();
  EXPECT_EQ(sessions(), 0u);
  settle();
  EXPECT_EQ(system_.registry().running(), 1u) << "the supervisor alone";
  EXPECT_EQ(sip().sessions_lost.read(), 0u);
}

} // namespace
} // namespace sallyport::test
