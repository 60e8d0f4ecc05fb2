#include "tests/support/sip/transaction_layer_test.hpp"

#include "net/sip/transaction_layer.hpp"

namespace sallyport::sip {
namespace {

class TransactionLayer : public transaction_layer_test {};

TEST(TransactionLayerCrowd, OfManyThatAreDueTogetherOneCallComesToAShareAndTheNextToTheRest) {
  const time_point start{1h};
  transaction_layer layer{home, timer_values{}, transaction_limits{}, siphash{1, 2}};
  actions out;
  for (std::uint32_t number = 0; number < expired_at_once_max + 1; ++number) {
    const auto branch = write_branch(session, number, 4711, no_loop);
    layer.request(start, {{session, number}, next_hop{0}, transport::tls, branch, method::options, "OPTIONS"}, out);
  }
  const auto late = start + timer_values{}.lifetime();
  const auto failures_of_one_call = [&] {
    out.clear();
    layer.expire(late, out);
    return std::ranges::count_if(out, [](const auto& each) { return std::holds_alternative<client_failure>(each); });
  };
  EXPECT_EQ(failures_of_one_call(), expired_at_once_max);
  EXPECT_EQ(layer.next_deadline(), late);
  EXPECT_EQ(failures_of_one_call(), 1);
  EXPECT_EQ(layer.client_count(), 0u);
}

} // namespace

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
  auto other = outside_client;
  other.source = *endpoint::parse("203.0.113.9:4000");
  EXPECT_TRUE(is<new_request>(receive({}, other)));
  EXPECT_TRUE(is<new_request>(receive({}, inside_server)));
  EXPECT_EQ(receive({.method = "CANCEL", .call_id = "call-2", .cseq = 9}, over_udp(other)).index(),
            request_verdict{cancel_matched{}}.index())
    << "the other cancels its own INVITE";
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
  const auto wait = std::stoul(std::string{parsed(*all<send>()[0].bytes)->value(header_id::retry_after)});
  EXPECT_GE(wait, 10U);
  EXPECT_LE(wait, 20U);
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

TEST_F(TransactionLayer, AFailedFlowFailsWhatWasSentDownItAndEndsWhatCameUpIt) {
  const auto transaction = begin({});
  out_.clear();
  layer_.request(now_,
                 {{session, 1},
                  outside_client.flow,
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
