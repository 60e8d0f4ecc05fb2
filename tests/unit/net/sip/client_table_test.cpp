#include "net/sip/client_table.hpp"
#include "tests/support/sip/transaction_layer_test.hpp"

namespace sallyport::sip {
namespace {

class ClientTable : public transaction_layer_test {};

} // namespace

TEST_F(ClientTable, DeliversProvisionalAndFinalResponsesButNo100) {
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

TEST_F(ClientTable, OverDatagramsAcknowledgesARefusalEachTimeItComes) {
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

TEST_F(ClientTable, ARetransmissionSharesItsBytes) {
  forward(method::invite, 1, transport::udp);
  const auto first = all<send>().at(0).bytes;
  advance(500ms);
  EXPECT_EQ(all<send>().at(0).bytes.get(), first.get());
  EXPECT_EQ(layer_.counts().retransmissions_sent, 1U);
}

TEST_F(ClientTable, DeliversEvery2xxOfAnInviteAndKeepsNoBytesMeanwhile) {
  const auto invite = forward(method::invite);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(is<response_delivered>(answer(invite, 200)));
  EXPECT_TRUE(out_.empty()) << "the ACK of a 2xx is the caller's";
  EXPECT_EQ(layer_.kept_bytes(), 0U);
  advance(32s);
  EXPECT_EQ(layer_.client_count(), 0U);
  EXPECT_TRUE(is<response_stray>(answer(invite, 200)));
}

TEST_F(ClientTable, AResponseFromTheOtherSideIsStray) {
  const auto invite = forward(method::invite);
  EXPECT_TRUE(is<response_stray>(answer(invite, 200, outside_client)));
  EXPECT_EQ(layer_.counts().responses_stray, 1U);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 200)));
}

TEST_F(ClientTable, AResponseOfAnotherLaneIsNamedNotDropped) {
  request_text request;
  const session_id elsewhere{1, 3, 5, 9};
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + write_branch(elsewhere, 1, 2, no_loop);
  const auto verdict = answer(request.text(), 200);
  ASSERT_TRUE(is<response_elsewhere>(verdict));
  EXPECT_EQ(std::get<response_elsewhere>(verdict).session, elsewhere);
}

TEST_F(ClientTable, ARequestSentHereForASessionOfAnotherLaneHasItsResponseHere) {
  const session_id elsewhere{1, 3, 5, 9};
  const auto branch = write_branch(elsewhere, 1, 2, no_loop);
  request_text request{.method = "INVITE"};
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + branch;
  layer_.request(now_, {{elsewhere, 1}, outside_client.flow, transport::tls, branch, method::invite, request.text()},
                 out_);

  const auto verdict = answer(request.text(), 486, outside_client);
  ASSERT_TRUE(is<response_delivered>(verdict));
  EXPECT_EQ(std::get<response_delivered>(verdict).client.session, elsewhere);
}

TEST_F(ClientTable, AClientAnswersOnlyOnTheFlowThatItsRequestWentDown) {
  const auto branch = write_branch(session, 1, 2, no_loop);
  request_text request{.method = "INVITE"};
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + branch;
  layer_.request(now_, {{session, 1}, outside_client.flow, transport::tls, branch, method::invite, request.text()},
                 out_);
  auto other_client = outside_client;
  ++other_client.flow.index;

  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200, other_client)));
  EXPECT_EQ(layer_.counts().responses_stray, 1U);
  EXPECT_TRUE(is<response_delivered>(answer(request.text(), 200, outside_client)));
}

TEST_F(ClientTable, AClientsResponseIsOfNoOtherLaneWhateverItsBranchNames) {
  request_text request;
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + write_branch({1, 3, 5, 9}, 1, 2, no_loop);
  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200, outside_client)));
}

TEST_F(ClientTable, AResponseThatMatchesNothingIsStray) {
  request_text request;
  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200)));
  request.via = "SIP/2.0/TLS edge.example:5061;branch=" + write_branch(session, 1, 2, no_loop);
  EXPECT_TRUE(is<response_stray>(answer(request.text(), 200)));
  const auto invite = forward(method::invite);
  auto wrong = invite;
  wrong.replace(wrong.find("1 INVITE"), 8, "1 UPDATE");
  EXPECT_TRUE(is<response_stray>(answer(wrong, 200))) << "17.1.3: the method of the CSeq counts";
}

TEST_F(ClientTable, ARequestWithoutAnswerTimesOut) {
  forward(method::message);
  advance(32s);
  const auto failures = all<client_failure>();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].client, (client_key{session, 1}));
  EXPECT_EQ(failures[0].reason, client_failure_reason::timed_out);
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(ClientTable, SendsTheCancelAfterTheFirstProvisionalResponseAndAbsorbsItsAnswer) {
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

TEST_F(ClientTable, ACancelledInviteWithoutFinalResponseTimesOut) {
  const auto invite = forward(method::invite);
  EXPECT_TRUE(is<response_delivered>(answer(invite, 180)));
  layer_.cancel(now_, {session, 1}, out_);
  advance(31'999ms);
  EXPECT_TRUE(all<client_failure>().empty());
  advance(1ms);
  ASSERT_EQ(all<client_failure>().size(), 1U) << "the CANCEL's own time-out is nobody's concern";
  EXPECT_EQ(layer_.client_count(), 0U);
}

TEST_F(ClientTable, OneClientRequestPastTheLimitFails) {
  for (std::uint32_t number = 1; number <= 4; ++number)
    forward(method::message, number);
  forward(method::message, 5);
  ASSERT_EQ(all<client_failure>().size(), 1U);
  EXPECT_EQ(all<client_failure>()[0].reason, client_failure_reason::overload);
  EXPECT_EQ(layer_.counts().clients_refused, 1U);
  EXPECT_EQ(layer_.client_count(), 4U);
}

TEST_F(ClientTable, AFailedNextHopFailsWhatWaitsForItAndNothingElse) {
  forward(method::message, 1);
  out_.clear();
  layer_.next_hop_failed(now_, next_hop{1}, out_);
  EXPECT_TRUE(out_.empty());
  layer_.next_hop_failed(now_, next_hop{0}, out_);
  EXPECT_EQ(all<client_failure>().size(), 1U);
}

TEST_F(ClientTable, ARequestThatCouldNotBeSentFailsOnce) {
  forward(method::invite);
  out_.clear();
  layer_.client_failed(now_, {session, 1}, client_failure_reason::transport, out_);
  layer_.client_failed(now_, {session, 1}, client_failure_reason::transport, out_);
  EXPECT_EQ(all<client_failure>().size(), 1U);
}

} // namespace sallyport::sip
