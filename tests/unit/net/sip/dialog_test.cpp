#include <gtest/gtest.h>

#include "net/sip/dialog.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;

class DialogStory : public testing::Test {
protected:
  using world = edge_world<dialog>;

  /// The client calls; gives back the INVITE as the server gets it.
  std::string call() {
    edge_.client_sends(invite_.text());
    EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
    EXPECT_EQ(heard_by_client(), "SIP/2.0 100 Trying");
    return edge_.to_server.back();
  }

  /// The call up to its ACK.
  std::string establish(const header_text& extra = {"Server", "test"}, std::string_view tag = "bob") {
    const auto invite = call();
    edge_.server_sends(response_text(invite, 200, tag, extra));
    EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
    ack(tag);
    EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
    return invite;
  }

  void ack(std::string_view tag = "bob", std::string_view branch = "ack") {
    edge_.client_sends(from_client("ACK", 1, branch, tag).text());
  }

  /// A request of the client inside the dialog.
  request_text from_client(std::string method, unsigned cseq, std::string_view branch, std::string_view tag = "bob") {
    return {.method = std::move(method),
            .uri = "sip:bob@10.0.0.9",
            .via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK" + std::string{branch},
            .to = "<sip:bob@example.com>;tag=" + std::string{tag},
            .cseq = cseq,
            .extra = route_lines(true)};
  }

  /// A request of the server inside the dialog.
  request_text from_server(std::string method, unsigned cseq, std::string_view branch, std::string_view tag = "bob") {
    return {.method = std::move(method),
            .uri = "sip:alice@192.0.2.10:5061",
            .via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bK" + std::string{branch},
            .from = "<sip:bob@example.com>;tag=" + std::string{tag},
            .to = "<sip:alice@example.com>;tag=alice",
            .cseq = cseq,
            .extra = route_lines(false)};
  }

  /// The route set that our Record-Routes make, for the caller (reversed) or the callee.
  std::string route_lines(bool is_caller) {
    std::vector<std::string> routes;
    const auto invite = parsed(opening_.empty() ? edge_.to_server.front() : opening_);
    for (value_cursor values{*invite, header_id::record_route}; const auto value = values.next();)
      routes.insert(is_caller ? routes.begin() : routes.end(), std::string{*value});
    std::string lines;
    for (const auto& route : routes)
      lines += "Route: " + route + "\r\n";
    return lines;
  }

  [[nodiscard]] std::string heard_by_client() const { return world::start(edge_.to_client); }
  [[nodiscard]] std::string heard_by_server() const { return world::start(edge_.to_server); }
  void answer(unsigned status, std::string_view tag = "bob") {
    edge_.server_sends(response_text(edge_.to_server.back(), status, tag));
  }

  world edge_;
  request_text invite_{.extra = "Contact: <sip:alice@192.0.2.10:5061;transport=tls>\r\n"};
  std::string opening_; ///< As forwarded, where it is not the first message to the server.
};

} // namespace

TEST_F(DialogStory, ACallIsAnsweredAndTheCallerHangsUp) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 180 Ringing");
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_FALSE(edge_.session().is_confirmed());
  ack();
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
  EXPECT_TRUE(edge_.session().is_confirmed());
  edge_.advance(10min);
  edge_.client_sends(from_client("BYE", 2, "bye").text());
  EXPECT_EQ(heard_by_server(), "BYE sip:bob@10.0.0.9 SIP/2.0");
  EXPECT_TRUE(edge_.has_session()) << "until the BYE is answered";
  answer(200);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, TheCalleeHangsUp) {
  establish();
  edge_.server_sends(from_server("BYE", 1, "bye").text());
  EXPECT_EQ(heard_by_client(), "BYE sip:alice@192.0.2.10:5061 SIP/2.0");
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ACallFromInsideFindsTheClientByItsPathAndIsAnswered) {
  request_text invite = invite_;
  invite.via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKinside";
  invite.extra = "Route: " + edge_.client_route() + "\r\n";
  edge_.server_sends(invite.text());
  EXPECT_EQ(heard_by_client(), "INVITE sip:bob@example.com SIP/2.0");
  opening_ = edge_.to_client.back();
  EXPECT_EQ(parsed(opening_)->find(header_id::route), nullptr);
  edge_.client_sends(response_text(opening_, 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  auto bye = from_client("BYE", 1, "bye", "alice");
  bye.from = "<sip:bob@example.com>;tag=bob";
  bye.extra = route_lines(false);
  auto acknowledgement = from_server("ACK", 1, "ack", "alice");
  acknowledgement.to = "<sip:bob@example.com>;tag=bob";
  acknowledgement.extra = route_lines(true);
  edge_.server_sends(acknowledgement.text());
  EXPECT_EQ(heard_by_client(), "ACK sip:alice@192.0.2.10:5061 SIP/2.0");
  edge_.client_sends(bye.text());
  EXPECT_EQ(heard_by_server(), "BYE sip:bob@10.0.0.9 SIP/2.0");
  answer(200);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ABusyCalleeIsToldOnAndAcknowledgedHere) {
  const auto invite = call();
  answer(486);
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@example.com SIP/2.0");
  EXPECT_EQ(heard_by_client(), "SIP/2.0 486 Busy Here");
  EXPECT_FALSE(edge_.has_session());
  edge_.client_sends(request_text{.method = "ACK", .to = "<sip:bob@example.com>;tag=bob"}.text());
  EXPECT_EQ(edge_.to_server.size(), 2U) << "the ACK of a refusal is hop by hop";
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, TheCallerCancelsWhileItRings) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  edge_.client_sends(request_text{.method = "CANCEL"}.text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  answer(200, "x");
  edge_.server_sends(response_text(invite, 487));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ACancelBeforeAnyResponseWaitsForOne) {
  const auto invite = call();
  edge_.client_sends(request_text{.method = "CANCEL"}.text());
  EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 100));
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 487));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ACancelThatCrossesThe2xxLosesAndTheCallerSaysBye) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  edge_.client_sends(request_text{.method = "CANCEL"}.text());
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_TRUE(edge_.has_session());
  ack();
  edge_.client_sends(from_client("BYE", 2, "bye").text());
  answer(200);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ACancelledCallThatIsNeverAnsweredEndsWithA487FromHere) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  edge_.client_sends(request_text{.method = "CANCEL"}.text());
  edge_.advance(32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, NobodyAnswersTheInviteAtAll) {
  call();
  edge_.advance(32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 408 Request Timeout");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ItRingsPastTimerC) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  edge_.advance(199s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 180 Ringing");
  edge_.advance(1s);
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 487));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 487 Request Terminated");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, EachRingingStartsTimerCAnew) {
  const auto invite = call();
  for (int i = 0; i < 5; ++i) {
    edge_.server_sends(response_text(invite, 180));
    edge_.advance(150s);
  }
  EXPECT_EQ(heard_by_server(), "INVITE sip:bob@example.com SIP/2.0");
  edge_.advance(50s + 32s);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 408 Request Timeout") << "the CANCEL had no effect either";
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, TheCallerIsGoneWhileItRings) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180));
  edge_.client_is_gone();
  EXPECT_EQ(heard_by_server(), "CANCEL sip:bob@example.com SIP/2.0");
  edge_.server_sends(response_text(invite, 487));
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ANextHopThatRefusesConnectionsMeans500) {
  edge_.server_refuses_connections();
  edge_.client_sends(invite_.text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 500 Server Internal Error");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AReceived503GoesOnAs500WithoutItsRetryAfter) { // RFC 3261, 16.7 step 6
  const auto invite = call();
  edge_.server_sends(response_text(invite, 503, "bob", header_text{"Retry-After", "120"}));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 500 Server Internal Error");
  EXPECT_EQ(parsed(edge_.to_client.back())->find(header_id::retry_after), nullptr);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, A6xxEndsItToo) {
  call();
  answer(603);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 603 Decline");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, EveryForked2xxGoesUpAndEachForkHasItsOwnEnd) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180, "one"));
  edge_.server_sends(response_text(invite, 180, "two"));
  edge_.server_sends(response_text(invite, 200, "one"));
  edge_.server_sends(response_text(invite, 200, "two"));
  EXPECT_EQ(parsed(edge_.to_client.back())->value(header_id::to), "<sip:bob@example.com>;tag=two");
  ack("one", "ack1");
  ack("two", "ack2");
  edge_.client_sends(from_client("BYE", 2, "bye2", "two").text());
  answer(200, "two");
  EXPECT_TRUE(edge_.has_session()) << "the first fork talks on";
  edge_.advance(33s);
  edge_.client_sends(from_client("BYE", 3, "bye1", "one").text());
  answer(200, "one");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, WaitsForTheOtherForksOf64T1EvenWhenTheFirstHungUp) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 180, "one"));
  edge_.server_sends(response_text(invite, 180, "two"));
  edge_.server_sends(response_text(invite, 200, "one"));
  ack("one");
  edge_.client_sends(from_client("BYE", 2, "bye", "one").text());
  answer(200, "one");
  EXPECT_TRUE(edge_.has_session());
  edge_.server_sends(response_text(invite, 200, "two"));
  EXPECT_EQ(parsed(edge_.to_client.back())->value(header_id::to), "<sip:bob@example.com>;tag=two");
  ack("two", "ack2");
  edge_.client_sends(from_client("BYE", 3, "bye2", "two").text());
  answer(200, "two");
  edge_.advance(32s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, OneForkPastTheLimitIsNotToldOnUnlessItAnswers) {
  const auto invite = call();
  for (int i = 0; i < 16; ++i)
    edge_.server_sends(response_text(invite, 180, "fork" + std::to_string(i)));
  const auto heard = edge_.to_client.size();
  edge_.server_sends(response_text(invite, 180, "fork16"));
  EXPECT_EQ(edge_.to_client.size(), heard);
  EXPECT_EQ(edge_.session().fork_count(), 16U);
  edge_.server_sends(response_text(invite, 200, "fork16"));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_EQ(edge_.session().fork_count(), 16U);
  ack("fork16");
  EXPECT_EQ(heard_by_server(), "ACK sip:bob@10.0.0.9 SIP/2.0");
}

TEST_F(DialogStory, ALostAckBringsThe2xxAgainAndTheNextAckGoesThrough) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 200));
  edge_.advance(500ms);
  edge_.server_sends(response_text(invite, 200));
  EXPECT_EQ(edge_.to_client.size(), 3U) << "100, and the 200 twice";
  ack();
  EXPECT_TRUE(edge_.session().is_confirmed());
}

TEST_F(DialogStory, A2xxThatIsNeverAcknowledgedEndsAfterTheCalleesChanceToSayBye) {
  const auto invite = call();
  edge_.server_sends(response_text(invite, 200));
  edge_.advance(63s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AReInviteIsRejectedAndTheCallGoesOn) {
  establish();
  edge_.client_sends(from_client("INVITE", 2, "again").text());
  EXPECT_EQ(heard_by_server(), "INVITE sip:bob@10.0.0.9 SIP/2.0");
  answer(488);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 488 Not Acceptable Here");
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1min);
  edge_.client_sends(from_client("BYE", 3, "bye").text());
  answer(200);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AReInviteOfTheCalleeIsAnsweredAndAcknowledged) {
  establish();
  edge_.server_sends(from_server("INVITE", 7, "again").text());
  EXPECT_EQ(heard_by_client(), "INVITE sip:alice@192.0.2.10:5061 SIP/2.0");
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  edge_.server_sends(from_server("ACK", 7, "again-ack").text());
  EXPECT_EQ(heard_by_client(), "ACK sip:alice@192.0.2.10:5061 SIP/2.0");
}

TEST_F(DialogStory, AnInDialogRequestCarriesNoFurtherRecordRouteAndNoRouteOfOurs) {
  establish();
  edge_.client_sends(from_client("INFO", 2, "info").text());
  const auto info = parsed(edge_.to_server.back());
  EXPECT_EQ(info->find(header_id::record_route), nullptr);
  EXPECT_EQ(info->find(header_id::route), nullptr);
  EXPECT_EQ(count_values(*info, header_id::via), 2U);
}

TEST_F(DialogStory, ARequestWithTagsOfNoForkGets481) {
  establish();
  edge_.client_sends(from_client("INFO", 2, "info", "stranger").text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 481 Call/Transaction Does Not Exist");
  EXPECT_TRUE(edge_.has_session());
}

TEST_F(DialogStory, OneRequestPastThoseInFlightGetsA500WithRetryAfter) {
  establish();
  for (unsigned i = 0; i < 8; ++i)
    edge_.client_sends(from_client("INFO", 2 + i, "info" + std::to_string(i)).text());
  EXPECT_EQ(edge_.session().in_flight(), 8U);
  edge_.client_sends(from_client("INFO", 10, "info8").text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 500 Server Internal Error");
  EXPECT_EQ(parsed(edge_.to_client.back())->value(header_id::retry_after), "10");
  EXPECT_EQ(edge_.session().in_flight(), 8U);
}

TEST_F(DialogStory, AByeThatIsChallengedDoesNotEndIt) {
  establish();
  edge_.client_sends(from_client("BYE", 2, "bye").text());
  answer(407);
  EXPECT_TRUE(edge_.has_session());
  edge_.client_sends(from_client("BYE", 3, "bye2").text());
  answer(200);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AByeWithoutAnswerEndsItInSilence) { // RFC 4320: no 408 to a non-INVITE
  establish();
  const auto heard = edge_.to_client.size();
  edge_.client_sends(from_client("BYE", 2, "bye").text());
  edge_.advance(32s);
  EXPECT_EQ(edge_.to_client.size(), heard + 1) << "the late 100 of RFC 4320, 4.1 and nothing else";
  EXPECT_EQ(heard_by_client(), "SIP/2.0 100 Trying");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, A481InsideEndsIt) { // RFC 5057, 5.1
  establish();
  edge_.client_sends(from_client("UPDATE", 2, "update").text());
  answer(481);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ItsSessionTimerLapses) { // RFC 4028
  establish({"Session-Expires", "90;refresher=uac"});
  edge_.advance(90s + 31s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AnUpdateRefreshesTheSessionTimer) {
  establish({"Session-Expires", "90;refresher=uac"});
  edge_.advance(60s);
  edge_.client_sends(from_client("UPDATE", 2, "update").text());
  edge_.server_sends(response_text(edge_.to_server.back(), 200, "bob", header_text{"Session-Expires", "90"}));
  edge_.advance(100s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(22s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, WithoutASessionTimerItLapsesAfterTheLongestLifetime) {
  establish();
  edge_.advance(12h - 1s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ARequestInTheMiddleStandsForALostSession) {
  request_text bye{.method = "BYE", .to = "<sip:bob@example.com>;tag=bob", .cseq = 9};
  edge_.client_sends(bye.text());
  EXPECT_EQ(heard_by_server(), "BYE sip:bob@example.com SIP/2.0");
  answer(200);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ASubscriptionLivesUntilItsNotifySaysTerminated) {
  invite_.method = "SUBSCRIBE";
  invite_.extra += "Event: presence\r\nExpires: 600\r\n";
  edge_.client_sends(invite_.text());
  edge_.server_sends(response_text(edge_.to_server.back(), 200, "bob", header_text{"Expires", "600"}));
  EXPECT_TRUE(edge_.session().is_confirmed());
  auto notify = from_server("NOTIFY", 1, "notify1");
  notify.extra += "Event: presence\r\nSubscription-State: active;expires=600\r\n";
  edge_.server_sends(notify.text());
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  edge_.advance(300s);
  EXPECT_TRUE(edge_.has_session());
  notify = from_server("NOTIFY", 2, "notify2");
  notify.extra += "Event: presence\r\nSubscription-State: Terminated;reason=timeout\r\n";
  edge_.server_sends(notify.text());
  EXPECT_TRUE(edge_.has_session()) << "until it is answered";
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ANotifyMayOvertakeThe2xxOfItsSubscribe) { // RFC 6665, 4.4.1
  invite_.method = "SUBSCRIBE";
  invite_.extra += "Event: presence\r\nExpires: 600\r\n";
  edge_.client_sends(invite_.text());
  const auto subscribe = edge_.to_server.back();
  auto notify = from_server("NOTIFY", 1, "notify1");
  notify.extra += "Event: presence\r\nSubscription-State: active;expires=600\r\n";
  edge_.server_sends(notify.text());
  EXPECT_EQ(heard_by_client(), "NOTIFY sip:alice@192.0.2.10:5061 SIP/2.0");
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  edge_.server_sends(response_text(subscribe, 202, "bob", header_text{"Expires", "600"}));
  EXPECT_EQ(edge_.session().fork_count(), 1U);
}

TEST_F(DialogStory, ASubscriptionThatIsNotRefreshedLapses) {
  invite_.method = "SUBSCRIBE";
  edge_.client_sends(invite_.text());
  edge_.server_sends(response_text(edge_.to_server.back(), 200, "bob", header_text{"Expires", "600"}));
  edge_.advance(631s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ARefusedSubscriptionLeavesNothing) {
  invite_.method = "SUBSCRIBE";
  edge_.client_sends(invite_.text());
  answer(489);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 489 Bad Event");
  edge_.expect_nothing_left();
}

} // namespace sallyport::sip
