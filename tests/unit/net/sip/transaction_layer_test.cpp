#include <gtest/gtest.h>

#include "net/sip/branch.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/transaction_layer.hpp"
#include "tests/support/sip/messages.hpp"

namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;

constexpr lane_ref home{1, 0, 0, 0};
constexpr session_id session{1, 0, 77, 1};
constexpr loop_hash no_loop{'A', 'A', 'A', 'A', 'A', 'A', 'A', 'A'};

class TransactionLayer : public testing::Test {
protected:
  request_verdict receive(const request_text& request, const arrival& from = outside_client) {
    out_.clear();
    return layer_.receive_request(now_, from, *parsed(request.text()), out_);
  }

  transaction_id begin(const request_text& request, const arrival& from = outside_client) {
    const auto verdict = receive(request, from);
    const auto* begun = std::get_if<new_request>(&verdict);
    EXPECT_NE(begun, nullptr);
    if (begun == nullptr)
      return {};
    layer_.assign(begun->transaction, session);
    return begun->transaction;
  }

  void respond(transaction_id transaction, const request_text& request, unsigned status) {
    out_.clear();
    layer_.respond(now_, transaction, status, response_text(request.text(), status), out_);
  }

  /// Sends a request of the session and gives back its bytes.
  std::string forward(method kind, std::uint32_t number = 1, transport over = transport::tls) {
    request_text request{.method = std::string{to_string(kind)}};
    const auto branch = write_branch(session, number, 4711, no_loop);
    request.via = "SIP/2.0/TLS edge.example:5061;branch=" + branch;
    out_.clear();
    layer_.request(now_, {{session, number}, next_hop{0}, side::inside, over, branch, kind, request.text()}, out_);
    return request.text();
  }

  response_verdict answer(const std::string& request, unsigned status, const arrival& from = inside_server) {
    out_.clear();
    return layer_.receive_response(now_, from, *parsed(response_text(request, status)), out_);
  }

  void advance(milliseconds by) {
    const auto end = now_ + by;
    out_.clear();
    while (layer_.next_deadline() && *layer_.next_deadline() <= end) {
      now_ = *layer_.next_deadline();
      layer_.expire(now_, out_);
    }
    now_ = end;
  }

  /// Start lines of what was sent since the last call into the layer.
  std::vector<std::string> sent() const {
    std::vector<std::string> found;
    for (const auto& each : out_)
      if (const auto* sending = std::get_if<send>(&each))
        found.push_back(sending->bytes->substr(0, sending->bytes->find("\r\n")));
    return found;
  }

  template <class Action>
  std::vector<Action> all() const {
    std::vector<Action> found;
    for (const auto& each : out_)
      if (const auto* wanted = std::get_if<Action>(&each))
        found.push_back(*wanted);
    return found;
  }

  using lines = std::vector<std::string>;

  time_point now_{1h};
  actions out_;
  transaction_limits limits_{.server_max = 4, .client_max = 4};
  transaction_layer layer_{home, timer_values{}, limits_, siphash{1, 2}};
};

arrival over_udp(arrival from) {
  from.over = transport::udp;
  return from;
}

template <class Verdict, class Any>
bool is(const Any& verdict) {
  return std::holds_alternative<Verdict>(verdict);
}

} // namespace

TEST_F(TransactionLayer, AnswersAnInviteWithA100AtOnceAndRepeatsItToRetransmissions) {
  begin({});
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
  EXPECT_TRUE(is<request_absorbed>(receive({})));
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
  EXPECT_EQ(layer_.server_count(), 1U);
  EXPECT_EQ(layer_.counts().requests_absorbed, 1U);
}

TEST_F(TransactionLayer, PutsReceivedAndRportIntoTheViaOfItsOwnAnswers) { // RFC 3581, 4
  begin({.via = "SIP/2.0/TLS 10.1.1.1:5061;rport;branch=z9hG4bKclient1"});
  const auto trying = parsed(*all<send>().at(0).bytes);
  const auto top = parse_via(trying->value(header_id::via));
  ASSERT_TRUE(top);
  EXPECT_EQ(top->received, "192.0.2.10");
  EXPECT_EQ(top->rport, 5061);
  EXPECT_EQ(top->branch, "z9hG4bKclient1");
}

TEST_F(TransactionLayer, SaysNothingToANonInviteUntil3500Milliseconds) {
  begin({.method = "MESSAGE"});
  EXPECT_TRUE(out_.empty());
  advance(3499ms);
  EXPECT_TRUE(out_.empty());
  advance(1ms);
  EXPECT_EQ(sent(), lines{"SIP/2.0 100 Trying"});
}

TEST_F(TransactionLayer, SendsResponsesDownTheFlowOfTheirRequest) {
  const request_text request{.method = "MESSAGE"};
  const auto transaction = begin(request);
  respond(transaction, request, 200);
  ASSERT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(std::get<flow_id>(all<send>()[0].to), outside_client.flow);
  EXPECT_EQ(all<send>()[0].source, outside_client.source);
  EXPECT_EQ(layer_.server_count(), 0U) << "Timer J is zero on a stream";
  EXPECT_EQ(layer_.kept_bytes(), 0U);
}

TEST_F(TransactionLayer, OverDatagramsRepeatsTheFinalResponseForTimerJ) {
  const request_text request{.method = "MESSAGE"};
  const auto transaction = begin(request, over_udp(outside_client));
  respond(transaction, request, 200);
  EXPECT_TRUE(is<request_absorbed>(receive(request, over_udp(outside_client))));
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  advance(32s);
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(TransactionLayer, DropsASecondFinalResponseAndA408ToANonInvite) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 486);
  respond(transaction, invite, 500);
  EXPECT_TRUE(out_.empty());
  const request_text other{.method = "MESSAGE", .via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bKx"};
  respond(begin(other), other, 408);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(layer_.counts().responses_late, 2U);
}

TEST_F(TransactionLayer, SendsEvery2xxOfAnInviteAndKeepsNoneOfThem) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 200);
  respond(transaction, invite, 200);
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(layer_.kept_bytes(), 0U);
  EXPECT_TRUE(is<request_absorbed>(receive(invite)));
  EXPECT_TRUE(out_.empty());
  advance(32s);
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(TransactionLayer, AbsorbsTheAckOfARefusalAndHandsUpTheAckOfA2xx) {
  const request_text invite;
  respond(begin(invite), invite, 486);
  request_text ack{.method = "ACK", .to = "<sip:bob@example.com>;tag=bob"};
  EXPECT_TRUE(is<request_absorbed>(receive(ack)));
  EXPECT_EQ(layer_.server_count(), 0U);
  ack.via = "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKack";
  EXPECT_TRUE(is<ack_to_2xx>(receive(ack)));
  EXPECT_TRUE(out_.empty());
}

TEST_F(TransactionLayer, TellsTheSessionWhenARefusalIsNotAcknowledged) {
  const request_text invite;
  const auto transaction = begin(invite);
  respond(transaction, invite, 486);
  advance(32s);
  const auto ended = all<server_ended>();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].transaction, transaction);
  EXPECT_EQ(ended[0].session, session);
  EXPECT_EQ(ended[0].reason, server_end_reason::unacknowledged);
}

TEST_F(TransactionLayer, RepeatsARefusalOverDatagramsUntilItsAck) {
  const request_text invite;
  respond(begin(invite, over_udp(outside_client)), invite, 486);
  advance(1500ms);
  EXPECT_EQ(sent(), (lines{"SIP/2.0 486 Busy Here", "SIP/2.0 486 Busy Here"}));
  EXPECT_TRUE(is<request_absorbed>(receive({.method = "ACK"}, over_udp(outside_client))));
  advance(5s);
  EXPECT_TRUE(sent().empty());
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(TransactionLayer, MatchesAnOldRequestWithoutABranchByTheRuleOfRfc2543) {
  const request_text invite{.via = "SIP/2.0/UDP 192.0.2.10"};
  const auto transaction = begin(invite, over_udp(outside_client));
  EXPECT_TRUE(is<request_absorbed>(receive(invite, over_udp(outside_client))));
  respond(transaction, invite, 486);
  request_text ack = invite;
  ack.method = "ACK";
  ack.to += ";tag=bob";
  EXPECT_TRUE(is<request_absorbed>(receive(ack, over_udp(outside_client))));
  request_text next = invite;
  next.cseq = 2;
  EXPECT_TRUE(is<new_request>(receive(next, over_udp(outside_client))));
}

TEST_F(TransactionLayer, ABranchOfTheMagicCookieAloneIsMatchedByTheOldRule) { // RFC 4475, 3.2.1
  request_text options{.method = "OPTIONS", .via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK"};
  EXPECT_TRUE(is<new_request>(receive(options)));
  EXPECT_TRUE(is<request_absorbed>(receive(options)));
  options.call_id = "another";
  EXPECT_TRUE(is<new_request>(receive(options)));
}

TEST_F(TransactionLayer, TheSameBranchFromAnotherSourceOrSideIsAnotherTransaction) {
  begin({});
  auto stranger = outside_client;
  stranger.source = *endpoint::parse("203.0.113.9:4000");
  EXPECT_TRUE(is<new_request>(receive({}, stranger)));
  EXPECT_TRUE(is<new_request>(receive({}, inside_server)));
  EXPECT_EQ(receive({.method = "CANCEL", .call_id = "call-2", .cseq = 9}, over_udp(stranger)).index(),
            request_verdict{cancel_matched{}}.index())
    << "the stranger cancels its own INVITE";
}

TEST_F(TransactionLayer, ACancelGetsIts200AndNamesWhatItCancels) {
  const auto transaction = begin({});
  const auto verdict = receive({.method = "CANCEL"});
  ASSERT_TRUE(is<cancel_matched>(verdict));
  EXPECT_EQ(std::get<cancel_matched>(verdict).transaction, transaction);
  EXPECT_EQ(std::get<cancel_matched>(verdict).session, session);
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
  EXPECT_EQ(layer_.server_count(), 1U);
}

TEST_F(TransactionLayer, ACancelOverDatagramsIsAnsweredOnceMoreWhenItComesAgain) {
  begin({}, over_udp(outside_client));
  EXPECT_TRUE(is<cancel_matched>(receive({.method = "CANCEL"}, over_udp(outside_client))));
  const auto first = *all<send>().at(0).bytes;
  EXPECT_TRUE(is<request_absorbed>(receive({.method = "CANCEL"}, over_udp(outside_client))));
  EXPECT_EQ(*all<send>().at(0).bytes, first);
}

TEST_F(TransactionLayer, ASecondCancelOnAStreamIsAnsweredAndCancelsNothingMore) {
  begin({});
  EXPECT_TRUE(is<cancel_matched>(receive({.method = "CANCEL"})));
  EXPECT_TRUE(is<request_absorbed>(receive({.method = "CANCEL"})));
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
}

TEST_F(TransactionLayer, ACancelThatComesTooLateChangesNothing) {
  const request_text invite;
  respond(begin(invite), invite, 200);
  EXPECT_TRUE(is<request_absorbed>(receive({.method = "CANCEL"})));
  EXPECT_EQ(sent(), lines{"SIP/2.0 200 OK"});
}

TEST_F(TransactionLayer, ACancelOfNothingGetsA481) {
  const auto verdict = receive({.method = "CANCEL"});
  EXPECT_EQ(std::get<request_refusal>(verdict), request_refusal::unmatched);
  EXPECT_EQ(sent(), lines{"SIP/2.0 481 Call/Transaction Does Not Exist"});
  EXPECT_EQ(layer_.server_count(), 0U);
}

TEST_F(TransactionLayer, OneRequestPastTheLimitGetsA503WithRetryAfterAndNoState) {
  for (int i = 0; i < 4; ++i)
    begin({.via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK-" + std::to_string(i)});
  const auto verdict = receive({.via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK-5"});
  EXPECT_EQ(std::get<request_refusal>(verdict), request_refusal::overload);
  ASSERT_EQ(sent(), lines{"SIP/2.0 503 Service Unavailable"});
  EXPECT_EQ(parsed(*all<send>()[0].bytes)->value(header_id::retry_after), "10");
  EXPECT_EQ(layer_.server_count(), 4U);
  EXPECT_EQ(layer_.counts().requests_refused, 1U);
}

TEST_F(TransactionLayer, OneKeptBytePastTheLimitIsRefusedToo) {
  transaction_layer small{home, timer_values{}, {.kept_bytes_max = 10}, siphash{1, 2}};
  const auto first = parsed(request_text{}.text());
  const auto second = parsed(request_text{.via = "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK-5"}.text());
  EXPECT_TRUE(is<new_request>(small.receive_request(now_, outside_client, *first, out_)));
  EXPECT_TRUE(is<request_refusal>(small.receive_request(now_, outside_client, *second, out_)));
}

TEST_F(TransactionLayer, ARequestWithoutAReadableViaIsDropped) {
  const auto verdict = receive({.via = "nonsense"});
  EXPECT_EQ(std::get<request_refusal>(verdict), request_refusal::unmatchable);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(layer_.counts().requests_unmatchable, 1U);
}

TEST_F(TransactionLayer, DeliversProvisionalAndFinalResponsesButNo100) {
  const auto invite = forward(method::invite);
  EXPECT_EQ(sent(), lines{"INVITE sip:bob@example.com SIP/2.0"});
  EXPECT_EQ(all<send>()[0].by, (client_key{session, 1}));
  EXPECT_TRUE(is<response_absorbed>(answer(invite, 100)));
  const auto ringing = answer(invite, 180);
  ASSERT_TRUE(is<response_delivered>(ringing));
  EXPECT_FALSE(std::get<response_delivered>(ringing).is_final);
  const auto busy = answer(invite, 486);
  ASSERT_TRUE(is<response_delivered>(busy));
  EXPECT_TRUE(std::get<response_delivered>(busy).is_final);
  EXPECT_EQ(sent(), lines{"ACK sip:bob@example.com SIP/2.0"});
  EXPECT_EQ(layer_.client_count(), 0U);
  EXPECT_EQ(layer_.kept_bytes(), 0U);
}

TEST_F(TransactionLayer, OverDatagramsAcknowledgesARefusalEachTimeItComes) {
  const auto invite = forward(method::invite, 1, transport::udp);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 486)));
  const auto ack = *all<send>().at(0).bytes;
  EXPECT_TRUE(is<response_absorbed>(answer(invite, 486)));
  EXPECT_EQ(*all<send>().at(0).bytes, ack);
  EXPECT_EQ(parsed(ack)->value(header_id::to), "<sip:bob@example.com>;tag=bob");
  EXPECT_EQ(parsed(ack)->value(header_id::cseq), "1 ACK");
  advance(32s);
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(TransactionLayer, ARetransmissionSharesItsBytes) {
  forward(method::invite, 1, transport::udp);
  const auto first = all<send>().at(0).bytes;
  advance(500ms);
  EXPECT_EQ(all<send>().at(0).bytes.get(), first.get());
  EXPECT_EQ(layer_.counts().retransmissions_sent, 1U);
}

TEST_F(TransactionLayer, DeliversEvery2xxOfAnInviteAndKeepsNoBytesMeanwhile) {
  const auto invite = forward(method::invite);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(is<response_delivered>(answer(invite, 200)));
  EXPECT_TRUE(out_.empty()) << "the ACK of a 2xx is the caller's";
  EXPECT_EQ(layer_.kept_bytes(), 0U);
  advance(32s);
  EXPECT_EQ(layer_.client_count(), 0U);
  EXPECT_TRUE(is<response_stray>(answer(invite, 200)));
}

TEST_F(TransactionLayer, AResponseFromTheOtherSideIsStray) {
  const auto invite = forward(method::invite);
  EXPECT_TRUE(is<response_stray>(answer(invite, 200, outside_client)));
  EXPECT_EQ(layer_.counts().responses_stray, 1U);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 200)));
}

TEST_F(TransactionLayer, AResponseOfAnotherLaneIsNamedNotDropped) {
  request_text request;
  const session_id elsewhere{1, 3, 5, 9};
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + write_branch(elsewhere, 1, 2, no_loop);
  const auto verdict = answer(request.text(), 200);
  ASSERT_TRUE(is<response_elsewhere>(verdict));
  EXPECT_EQ(std::get<response_elsewhere>(verdict).session, elsewhere);
}

TEST_F(TransactionLayer, ARequestSentHereForASessionOfAnotherLaneHasItsResponseHere) {
  const session_id elsewhere{1, 3, 5, 9};
  const auto branch = write_branch(elsewhere, 1, 2, no_loop);
  request_text request{.method = "INVITE"};
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + branch;
  layer_.request(
    now_, {{elsewhere, 1}, outside_client.flow, side::outside, transport::tls, branch, method::invite, request.text()},
    out_);

  const auto verdict = answer(request.text(), 486, outside_client);
  ASSERT_TRUE(is<response_delivered>(verdict));
  EXPECT_EQ(std::get<response_delivered>(verdict).client.session, elsewhere);
}

TEST_F(TransactionLayer, AResponseThatMatchesNothingIsStray) {
  request_text request;
  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200)));
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + write_branch(session, 1, 2, no_loop);
  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200)));
  const auto invite = forward(method::invite);
  auto wrong = invite;
  wrong.replace(wrong.find("1 INVITE"), 8, "1 UPDATE");
  EXPECT_TRUE(is<response_stray>(answer(wrong, 200))) << "17.1.3: the method of the CSeq counts";
}

TEST_F(TransactionLayer, ARequestWithoutAnswerTimesOut) {
  forward(method::message);
  advance(32s);
  const auto failures = all<client_failure>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].client, (client_key{session, 1}));
  EXPECT_EQ(failures[0].reason, client_failure_reason::timed_out);
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(TransactionLayer, SendsTheCancelAfterTheFirstProvisionalResponseAndAbsorbsItsAnswer) {
  const auto invite = forward(method::invite);
  out_.clear();
  layer_.cancel(now_, {session, 1}, out_);
  EXPECT_TRUE(out_.empty());
  EXPECT_TRUE(is<response_absorbed>(answer(invite, 100)));
  ASSERT_EQ(sent(), lines{"CANCEL sip:bob@example.com SIP/2.0"});
  const auto cancel = *all<send>()[0].bytes;
  EXPECT_TRUE(is<response_absorbed>(answer(cancel, 200)));
  EXPECT_TRUE(is<response_delivered>(answer(invite, 487)));
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(TransactionLayer, ACancelledInviteWithoutFinalResponseTimesOut) {
  const auto invite = forward(method::invite);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 180)));
  layer_.cancel(now_, {session, 1}, out_);
  advance(31'999ms);
  EXPECT_TRUE(all<client_failure>().empty());
  advance(1ms);
  ASSERT_EQ(all<client_failure>().size(), 1U) << "the CANCEL's own time-out is nobody's concern";
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(TransactionLayer, OneClientRequestPastTheLimitFails) {
  for (std::uint32_t number = 1; number <= 4; ++number)
    forward(method::message, number);
  forward(method::message, 5);
  ASSERT_EQ(all<client_failure>().size(), 1U);
  EXPECT_EQ(all<client_failure>()[0].reason, client_failure_reason::overload);
  EXPECT_EQ(layer_.client_count(), 4U);
}

TEST_F(TransactionLayer, AFailedFlowFailsWhatWasSentDownItAndEndsWhatCameUpIt) {
  const auto transaction = begin({});
  out_.clear();
  layer_.request(now_,
                 {{session, 1},
                  outside_client.flow,
                  side::outside,
                  transport::tls,
                  "z9hG4bKb",
                  method::notify,
                  request_text{.method = "NOTIFY"}.text()},
                 out_);
  out_.clear();
  layer_.flow_failed(now_, outside_client.flow, out_);
  ASSERT_EQ(all<client_failure>().size(), 1U);
  EXPECT_EQ(all<client_failure>()[0].reason, client_failure_reason::transport);
  ASSERT_EQ(all<server_ended>().size(), 1U);
  EXPECT_EQ(all<server_ended>()[0].transaction, transaction);
  EXPECT_EQ(all<server_ended>()[0].reason, server_end_reason::transport);
  EXPECT_EQ(layer_.client_count() + layer_.server_count(), 0U);
  EXPECT_EQ(layer_.next_deadline(), std::nullopt);
}

TEST_F(TransactionLayer, AFailedNextHopFailsWhatWaitsForItAndNothingElse) {
  forward(method::message, 1);
  out_.clear();
  layer_.next_hop_failed(now_, next_hop{1}, out_);
  EXPECT_TRUE(out_.empty());
  layer_.next_hop_failed(now_, next_hop{0}, out_);
  EXPECT_EQ(all<client_failure>().size(), 1U);
}

TEST_F(TransactionLayer, ARequestThatCouldNotBeSentFailsOnce) {
  forward(method::invite);
  out_.clear();
  layer_.client_failed(now_, {session, 1}, out_);
  layer_.client_failed(now_, {session, 1}, out_);
  EXPECT_EQ(all<client_failure>().size(), 1U);
}

TEST_F(TransactionLayer, ALostSessionAnswers500AndCancelsWhatItSent) {
  begin({});
  const auto invite = forward(method::invite);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 180)));
  out_.clear();
  layer_.session_lost(now_, session, out_);
  EXPECT_EQ(sent(), (lines{"CANCEL sip:bob@example.com SIP/2.0", "SIP/2.0 500 Server Internal Error"}));
  advance(64s);
  EXPECT_EQ(layer_.client_count() + layer_.server_count(), 0U);
  EXPECT_EQ(layer_.kept_bytes(), 0U);
}

TEST_F(TransactionLayer, AnOldTransactionIdNamesNothing) {
  const request_text request{.method = "MESSAGE"};
  const auto old = begin(request);
  respond(old, request, 200);
  begin(request);
  respond(old, request, 200);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(layer_.counts().responses_late, 1U);
}

} // namespace sallyport::sip
