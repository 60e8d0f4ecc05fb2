#include <gmock/gmock.h>

#include "tests/support/sip/lanes_world.hpp"

namespace sallyport::test {
namespace {

using testing::ElementsAre;

/// What a flow may have begun that nobody has proved.
class Strangers : public lanes_world {
protected:
  connection& stranger_on(std::size_t lane) {
    auto& made = phone_on(lane);
    made.as.is_unproved = true;
    return made;
  }
  /// A registration of its own: no two are alike.
  request_text attempt() {
    auto made = registration_of("user" + std::to_string(++attempts_));
    return made;
  }
  [[nodiscard]] std::vector<std::string_view> reasons() const {
    std::vector<std::string_view> found;
    for (const auto& each : refused_)
      found.push_back(each.reason);
    return found;
  }
  /// A user calls; what he hears first.
  unsigned call(connection& from, const std::string& user, const std::string& id) {
    say(from, request_text{.method = "INVITE",
                           .branch = "z9hG4bK-" + id,
                           .from = "<sip:" + user + "@edge.example>;tag=a1",
                           .call_id = id}
                .text());
    return next_status(from);
  }

  int attempts_ = 0;
};

TEST_F(Strangers, HaveOneSessionAtATimeAndComeBackForTheNext) {
  start(1);
  auto& phone = stranger_on(0);
  say(phone, attempt().text());
  EXPECT_EQ(next_on(phone), "") << "the next hop is slow";
  say(phone, attempt().text());
  const auto refusal = next_on(phone);
  EXPECT_EQ(status_of(refusal), 503u);
  EXPECT_NE(header_of(refusal, "Retry-After"), "");
  EXPECT_THAT(reasons(), ElementsAre("unproved_sessions_max"));
  EXPECT_EQ(user(0).sessions(), 1u);

  registrar_says(0, answer_to(next_at_registrar(), "401 Unauthorized"));
  EXPECT_EQ(next_status(phone), 401u);
  say(phone, attempt().text());
  EXPECT_EQ(user(0).sessions(), 1u);
  registrar_says(0, answer_to(next_at_registrar(), "200 OK"));
  EXPECT_EQ(next_status(phone), 200u);
  EXPECT_FALSE(phone.as.is_unproved);
  EXPECT_EQ(call(phone, "user3", "c-1"), 100u);
  EXPECT_EQ(call(phone, "user3", "c-2"), 100u) << "a user has more";
}

TEST_F(Strangers, HaveFourTransactionsAtATime) {
  settings_.sessions_per_unproved_flow_max = 100;
  start(1);
  auto& phone = stranger_on(0);
  for (int i = 0; i < 4; ++i)
    say(phone, attempt().text());
  EXPECT_EQ(next_on(phone), "");
  const auto fifth = attempt().text();
  say(phone, fifth);
  const auto refusal = next_on(phone);
  EXPECT_EQ(status_of(refusal), 503u);
  EXPECT_NE(header_of(refusal, "Retry-After"), "");
  EXPECT_THAT(reasons(), ElementsAre("unproved_transactions_max"));
  EXPECT_EQ(user(0).transactions().server_count(), 4u);
  EXPECT_EQ(user(0).transactions().counts().requests_refused, 0u) << "the lane has room";

  registrar_says(0, answer_to(next_at_registrar(), "403 Forbidden"));
  EXPECT_EQ(next_status(phone), 403u);
  say(phone, fifth);
  EXPECT_EQ(next_on(phone), "");
  auto& other = stranger_on(0);
  say(other, attempt().text());
  EXPECT_EQ(next_on(other), "") << "each has his own";
}

TEST_F(Strangers, OfOneSourceWithManyConnectionsFillNoLaneWhileTheNextHopIsSlow) {
  settings_.sessions_max = 100;
  settings_.unproved_sessions_max = 75;
  start(1);
  auto& user_phone = phone_on(0);
  register_user(user_phone, "alice");
  std::vector<connection*> crowd;
  for (int i = 0; i < 25; ++i)
    crowd.push_back(&stranger_on(0));
  for (int round = 0; round < 200; ++round)
    for (auto* each : crowd)
      say(*each, attempt().text());
  EXPECT_EQ(user(0).sessions(), 25u);
  EXPECT_EQ(user(0).transactions().server_count(), 25u);
  EXPECT_EQ(call(user_phone, "alice", "c-1"), 100u);
  EXPECT_EQ(next_on(user_phone), "");
}

TEST_F(Strangers, WhoAreGoneLeaveNothingThatTheNextHopOwesThem) {
  start(1);
  for (int i = 0; i < 100; ++i) {
    auto& phone = stranger_on(0);
    say(phone, attempt().text());
    hang_up(phone);
  }
  EXPECT_EQ(user(0).sessions(), 0u);
  EXPECT_EQ(user(0).transactions().client_count(), 0u);
  registrar_says(0, answer_to(next_at_registrar(), "200 OK"));
  EXPECT_EQ(dropped("stray_response"), 1u);

  is_held_ = true;
  auto& hasty = stranger_on(0);
  say(hasty, attempt().text());
  hang_up(hasty);
  EXPECT_EQ(user(0).sessions(), 0u) << "gone before its session could say anything";
}

TEST_F(Strangers, LeaveTheirLastSessionsToWhoHasProvedHimself) {
  settings_.sessions_max = 4;
  settings_.unproved_sessions_max = 3;
  start(1);
  auto& user_phone = phone_on(0);
  register_user(user_phone, "alice");
  for (int i = 0; i < 3; ++i)
    say(stranger_on(0), attempt().text());
  auto& late = stranger_on(0);
  say(late, attempt().text());
  EXPECT_EQ(next_status(late), 503u);
  EXPECT_EQ(user(0).counts().requests_shed, 1u);
  EXPECT_EQ(call(user_phone, "alice", "c-1"), 100u);
  EXPECT_EQ(next_on(user_phone), "");
  EXPECT_EQ(call(user_phone, "alice", "c-2"), 100u);
  EXPECT_EQ(next_status(user_phone), 503u);
}

TEST_F(Strangers, LeaveTheirLastTransactionsToWhoHasProvedHimself) {
  settings_.transactions = {.server_max = 4, .unproved_server_max = 3};
  start(1);
  auto& user_phone = phone_on(0);
  register_user(user_phone, "alice");
  for (int i = 0; i < 3; ++i)
    say(stranger_on(0), attempt().text());
  auto& late = stranger_on(0);
  say(late, attempt().text());
  EXPECT_EQ(next_status(late), 503u);
  EXPECT_EQ(user(0).transactions().counts().requests_refused, 1u);
  EXPECT_EQ(call(user_phone, "alice", "c-1"), 100u);
  EXPECT_EQ(call(user_phone, "alice", "c-2"), 503u);
}

TEST_F(Strangers, LeaveTheLastBytesThatAreKeptToWhoHasProvedHimself) {
  settings_.transactions.unproved_kept_bytes_max = 10;
  start(1);
  auto& user_phone = phone_on(0);
  register_user(user_phone, "alice");
  say(stranger_on(0), attempt().text());
  auto& late = stranger_on(0);
  say(late, attempt().text());
  EXPECT_EQ(next_status(late), 503u);
  EXPECT_EQ(call(user_phone, "alice", "c-1"), 100u);
}

TEST_F(Strangers, WhoTakePartInADialogThatLivesHaveNoBudgetForIt) {
  start(2);
  auto& phone = phone_on(0);
  register_user(phone, "alice");
  EXPECT_EQ(call(phone, "alice", "c-1"), 100u);
  const auto invite = next_at_registrar();
  registrar_says(0, answer_to(invite, "200 OK"));
  const auto answered = next_on(phone);
  request_text info{
    .method = "INFO", .from = "<sip:alice@edge.example>;tag=a1", .to = header_of(answered, "To"), .call_id = "c-1"};
  for (const auto& value : headers_of(answered, "Record-Route"))
    info.more.insert(info.more.begin(), "Route: " + value);

  auto& back = stranger_on(0); // The phone has a new connection, and has not registered on it yet.
  for (int i = 0; i < 8; ++i) {
    info.branch = "z9hG4bK-info" + std::to_string(i);
    info.cseq = std::to_string(2 + i);
    say(back, info.text());
  }
  EXPECT_EQ(user(0).transactions().server_count(), 8u + 1u) << "the INVITE's lingers";
  EXPECT_TRUE(refused_.empty());
  EXPECT_EQ(vouched_, std::vector<sip::flow_id>(8, back.as.flow));
  say(back, request_text{.method = "MESSAGE", .from = "<sip:alice@edge.example>;tag=a1"}.text());
  EXPECT_THAT(reasons(), ElementsAre("not_registered")) << "it lends nobody a From";

  auto& elsewhere = stranger_on(1); // That lane knows nothing of the dialog.
  info.branch = "z9hG4bK-else";
  say(elsewhere, info.text());
  EXPECT_EQ(vouched_.size(), 8u);
}

TEST_F(Strangers, AnEndedDialogVouchesForNobody) {
  start(1);
  auto& phone = stranger_on(0);
  const auto token = settings_.facts.tokens->sign({.type = sip::route_token::kind::dialog,
                                                   .flow = {phone.as.flow, this_incarnation},
                                                   .session = {{this_node, 0, 77, 1}, this_incarnation}},
                                                  "c-1");
  request_text info{.method = "INFO",
                    .to = "<sip:bob@edge.example>;tag=b",
                    .call_id = "c-1",
                    .more = {"Route: <sip:" + token + "@edge.example;lr>"}};
  for (int i = 0; i < 3; ++i) {
    info.branch = "z9hG4bK-" + std::to_string(i);
    say(phone, info.text());
  }
  EXPECT_TRUE(vouched_.empty());
  EXPECT_THAT(reasons(), ElementsAre("unproved_sessions_max", "unproved_sessions_max"));
}

/// Of a former life of the node, and of another lane: whether the dialog lives is not known here.
TEST_F(Strangers, WhoComeBackToADialogThatMayLiveCanGoOnAndEndIt) {
  start(2);
  for (const auto& [session, incarnation] : {std::pair{sip::session_id{this_node, 0, 77, 1}, this_incarnation - 1},
                                             std::pair{sip::session_id{this_node, 1, 77, 1}, this_incarnation}}) {
    auto& phone = stranger_on(0);
    const auto token = settings_.facts.tokens->sign(
      {.type = sip::route_token::kind::dialog, .flow = {phone.as.flow, incarnation}, .session = {session, incarnation}},
      "c-1");
    request_text within{
      .to = "<sip:bob@edge.example>;tag=b", .call_id = "c-1", .more = {"Route: <sip:" + token + "@edge.example;lr>"}};
    for (int i = 0; i < 6; ++i) {
      within.method = i == 1 ? "ACK" : "INFO";
      within.branch = "z9hG4bK-" + std::to_string(incarnation) + std::to_string(i);
      say(phone, within.text());
      EXPECT_NE(next_at_registrar(), "") << i;
    }
  }
  EXPECT_TRUE(refused_.empty());
  EXPECT_TRUE(vouched_.empty()) << "it may be over";
}

} // namespace
} // namespace sallyport::test
