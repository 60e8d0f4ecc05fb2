#include "tests/support/sip/dialog_story.hpp"

namespace sallyport::sip {
namespace {

class DialogStory : public dialog_story {
protected:
  /// The client would subscribe for an hour; gives back the SUBSCRIBE as the server gets it.
  std::string subscribe() {
    invite_.method = "SUBSCRIBE";
    invite_.extra += "Event: presence\r\nExpires: 3600\r\n";
    edge_.client_sends(invite_.text());
    return edge_.to_server.back();
  }
  /// The server notifies; the client has not answered yet.
  void notify(unsigned cseq, const std::string& state) {
    auto request = from_server("NOTIFY", cseq, "notify" + std::to_string(cseq));
    request.extra += "Event: presence\r\nSubscription-State: " + state + "\r\n";
    edge_.server_sends(request.text());
    EXPECT_EQ(heard_by_client(), "NOTIFY sip:alice@192.0.2.10:5061 SIP/2.0");
  }
  /// The client answers what it heard last.
  void client_answers(unsigned status) { edge_.client_sends(response_text(edge_.to_client.back(), status)); }
  /// The server answers with one header line more.
  void answer_with(const std::string& request, unsigned status, const header_text& extra) {
    edge_.server_sends(response_text(request, status, "bob", extra));
  }
};

} // namespace

TEST_F(DialogStory, TheCalleeHangsUp) {
  establish();
  edge_.server_sends(from_server("BYE", 1, "bye").text());
  EXPECT_EQ(heard_by_client(), "BYE sip:alice@192.0.2.10:5061 SIP/2.0");
  client_answers(200);
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
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
  hang_up(3);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, AReInviteOfTheCalleeIsAnsweredAndAcknowledged) {
  establish();
  edge_.server_sends(from_server("INVITE", 7, "again").text());
  EXPECT_EQ(heard_by_client(), "INVITE sip:alice@192.0.2.10:5061 SIP/2.0");
  client_answers(200);
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
  edge_.client_sends(from_client("INFO", 2, "info", "nobody").text());
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
  hang_up(3);
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
  answer_with(edge_.to_server.back(), 200, {"Session-Expires", "90"});
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
  answer_with(subscribe(), 200, {"Expires", "600"});
  EXPECT_TRUE(edge_.session().is_confirmed());
  notify(1, "active;expires=600");
  client_answers(200);
  edge_.advance(300s);
  EXPECT_TRUE(edge_.has_session());
  notify(2, "Terminated;reason=timeout");
  EXPECT_TRUE(edge_.has_session()) << "until it is answered";
  client_answers(200);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ANotifyMayOvertakeThe2xxOfItsSubscribe) { // RFC 6665, 4.4.1
  const auto request = subscribe();
  notify(1, "active;expires=600");
  client_answers(200);
  answer_with(request, 202, {"Expires", "600"});
  EXPECT_EQ(edge_.session().fork_count(), 1U);
}

TEST_F(DialogStory, ASubscriptionThatIsNotRefreshedLapses) {
  answer_with(subscribe(), 200, {"Expires", "600"});
  edge_.advance(631s);
  EXPECT_TRUE(edge_.has_session());
  edge_.advance(1s);
  edge_.expect_nothing_left();
}

TEST_F(DialogStory, ARefusedSubscriptionLeavesNothing) {
  subscribe();
  answer(489);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 489 Bad Event");
  edge_.expect_nothing_left();
}

} // namespace sallyport::sip
