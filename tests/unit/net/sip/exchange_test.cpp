#include <gtest/gtest.h>

#include <map>

#include "net/sip/exchange.hpp"
#include "net/sip/flow_binding.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

using namespace std::chrono_literals;

class ExchangeStory : public testing::Test {
protected:
  using world = edge_world<exchange>;
  [[nodiscard]] std::string heard_by_client() const { return world::start(edge_.to_client); }
  [[nodiscard]] std::string heard_by_server() const { return world::start(edge_.to_server); }
  [[nodiscard]] static binding_id binding_of(const request_text& registration) {
    const auto read = parsed(registration.text());
    return flow_binding(*read, facts_of(*read).to, *test_facts().binding_key);
  }
  void answer(unsigned status) { edge_.server_sends(response_text(edge_.to_server.back(), status)); }

  request_text register_{.method = "REGISTER",
                         .uri = "sip:example.com",
                         .to = "\"Alice\" <sips:Alice@EXAMPLE.com:5061;transport=tls>",
                         .extra = "Contact: <sip:alice@192.0.2.10>\r\nSupported: path, outbound\r\n"};
  world edge_;
};

} // namespace

TEST_F(ExchangeStory, AMessageCrossesAndIsAnswered) {
  edge_.client_sends(request_text{.method = "MESSAGE", .body = "hello"}.text());
  EXPECT_EQ(heard_by_server(), "MESSAGE sip:bob@example.com SIP/2.0");
  EXPECT_EQ(parsed(edge_.to_server.back())->body(), "hello");
  answer(200);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 200 OK");
  EXPECT_EQ(count_values(*parsed(edge_.to_client.back()), header_id::via), 1U);
  edge_.expect_nothing_left();
}

TEST_F(ExchangeStory, AMessageFromInsideReachesTheClient) {
  edge_.server_sends(request_text{.method = "MESSAGE",
                                  .via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKinside",
                                  .extra = "Route: " + edge_.client_route() + "\r\n"}
                       .text());
  EXPECT_EQ(heard_by_client(), "MESSAGE sip:bob@example.com SIP/2.0");
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST_F(ExchangeStory, NoProvisionalResponseToANonInviteIsForwarded) { // RFC 4320, 4.1
  edge_.client_sends(request_text{.method = "MESSAGE"}.text());
  answer(183);
  EXPECT_TRUE(edge_.to_client.empty());
}

TEST_F(ExchangeStory, WithoutAnAnswerTheClientGetsNoneEither) { // RFC 4320, 4.2
  edge_.client_sends(request_text{.method = "MESSAGE"}.text());
  edge_.advance(40s);
  EXPECT_EQ(edge_.to_client.size(), 1U);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 100 Trying");
  edge_.expect_nothing_left();
}

TEST_F(ExchangeStory, ANextHopThatRefusesConnectionsMeans503) {
  edge_.server_refuses_connections();
  edge_.client_sends(register_.text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 503 Service Unavailable");
  edge_.expect_nothing_left();
}

TEST_F(ExchangeStory, ARegistrationCarriesOnePathWithAValidTokenOfItsFlow) {
  edge_.client_sends(register_.text());
  const auto forwarded = parsed(edge_.to_server.back());
  ASSERT_EQ(count_values(*forwarded, header_id::path), 1U);
  const auto path = parse_name_addr(forwarded->value(header_id::path));
  const auto target = parse_uri(path->uri);
  EXPECT_EQ(target->host, "edge-in.example");
  EXPECT_EQ(target->param("transport"), "tls");
  EXPECT_TRUE(target->param("lr"));
  EXPECT_TRUE(target->param("ob"));
  const auto token = edge_.token_in(forwarded->value(header_id::path), "any");
  EXPECT_EQ(token.type, route_token::kind::path);
  EXPECT_EQ(token.flow, (flow_key{outside_client.flow, 5}));
  EXPECT_EQ(token.binding, binding_of(register_));
  EXPECT_EQ(forwarded->value(header_id::supported), "path, outbound");
  EXPECT_EQ(forwarded->find(header_id::record_route), nullptr);
}

TEST_F(ExchangeStory, A2xxToARegistrationWithCredentialsProvesTheFlow) {
  register_.extra += "Authorization: Digest username=\"alice\"\r\n";
  edge_.client_sends(register_.text());
  edge_.server_sends(
    response_text(edge_.to_server.back(), 200, "bob", {"Contact", "<sip:alice@192.0.2.10>;expires=60"}));
  ASSERT_EQ(edge_.proofs.size(), 1U);
  EXPECT_EQ(edge_.proofs[0].flow, outside_client.flow);
  EXPECT_EQ(edge_.proofs[0].lifetime, 60s);
  EXPECT_EQ(edge_.proofs[0].address_of_record, "Alice@example.com");
  EXPECT_EQ(edge_.proofs[0].binding, binding_of(register_));
  EXPECT_NE(edge_.proofs[0].binding, 0u);
  edge_.expect_nothing_left();
}

TEST_F(ExchangeStory, ADeRegistrationEndsWhatWasProven) {
  register_.extra += "Expires: 0\r\nAuthorization: Digest username=\"alice\"\r\n";
  edge_.client_sends(register_.text());
  answer(200);
  ASSERT_EQ(edge_.proofs.size(), 1U);
  EXPECT_EQ(edge_.proofs[0].lifetime, 0s);
  EXPECT_EQ(edge_.proofs[0].binding, binding_of(register_));
}

TEST_F(ExchangeStory, AQueryNamesNoClientAndProvesNothing) {
  register_.extra = "Authorization: Digest username=\"alice\"\r\n";
  edge_.client_sends(register_.text());
  EXPECT_EQ(edge_.token_in(parsed(edge_.to_server.back())->value(header_id::path), "any").binding, 0u);
  answer(200);
  EXPECT_TRUE(edge_.proofs.empty());
}

TEST_F(ExchangeStory, WithoutCredentialsOrWithoutA2xxNothingIsProven) {
  edge_.client_sends(register_.text());
  answer(200);
  register_.extra += "Authorization: Digest username=\"alice\"\r\n";
  register_.cseq = 2;
  register_.via += "2";
  edge_.client_sends(register_.text());
  answer(403);
  EXPECT_EQ(heard_by_client(), "SIP/2.0 403 Forbidden");
  EXPECT_TRUE(edge_.proofs.empty());
}

TEST_F(ExchangeStory, ARegistrationFromInsideProvesNothing) {
  register_.extra += "Authorization: Digest username=\"alice\"\r\nRoute: " + edge_.client_route() + "\r\n";
  register_.via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKinside";
  edge_.server_sends(register_.text());
  EXPECT_EQ(parsed(edge_.to_client.back())->find(header_id::path), nullptr);
  edge_.client_sends(response_text(edge_.to_client.back(), 200));
  EXPECT_TRUE(edge_.proofs.empty());
}

TEST_F(ExchangeStory, ACancelOfANonInviteChangesNothing) {
  edge_.client_sends(request_text{.method = "MESSAGE"}.text());
  edge_.client_sends(request_text{.method = "CANCEL"}.text());
  EXPECT_EQ(heard_by_client(), "SIP/2.0 481 Call/Transaction Does Not Exist");
  EXPECT_EQ(heard_by_server(), "MESSAGE sip:bob@example.com SIP/2.0");
}

TEST_F(ExchangeStory, TheNotifyOfAReferMayOvertakeIts202) {
  edge_.client_sends(request_text{.method = "REFER"}.text());
  const auto refer = edge_.to_server.back();
  const std::string token_route{parsed(refer)->value(header_id::record_route)};
  request_text notify{.method = "NOTIFY",
                      .via = "SIP/2.0/TLS 10.0.0.5:5061;branch=z9hG4bKnotify",
                      .from = "<sip:bob@example.com>;tag=bob",
                      .to = "<sip:alice@example.com>;tag=alice",
                      .extra = "Route: " + token_route + "\r\n"};
  edge_.server_sends(notify.text());
  EXPECT_EQ(heard_by_client(), "NOTIFY sip:bob@example.com SIP/2.0");
  const auto forwarded = edge_.to_client.back();
  edge_.server_sends(response_text(refer, 202));
  EXPECT_EQ(heard_by_client(), "SIP/2.0 202 Accepted");
  EXPECT_TRUE(edge_.has_session()) << "until the NOTIFY is answered too";
  edge_.client_sends(response_text(forwarded, 200));
  EXPECT_EQ(heard_by_server(), "SIP/2.0 200 OK");
  edge_.expect_nothing_left();
}

TEST(Exchange, OneRequestPastThoseInFlightGetsA500WithRetryAfter) {
  exchange one{test_facts()};
  const auto info = request_text{.method = "INFO"}.text();
  const auto ask = [&](std::uint32_t index) {
    return one.handle(
      {}, request_received{{1, 0, index, 1}, outside_client, parsed(info), next_hop{0}, facts_of(*parsed(info))},
      index);
  };
  EXPECT_FALSE(one.ended());
  for (std::uint32_t i = 1; i <= 8; ++i)
    EXPECT_TRUE(std::holds_alternative<send_request>(ask(i).orders.at(0)));
  const auto ninth = ask(9);
  EXPECT_EQ(std::get<send_response>(ninth.orders.at(0)).status, 500U);
  EXPECT_EQ(parsed(std::get<send_response>(ninth.orders.at(0)).bytes)->value(header_id::retry_after), "10");
}

TEST(Exchange, ForwardsTheAckOfALostDialogAndEnds) {
  exchange one{test_facts()};
  const auto answer =
    one.handle({}, ack_received{outside_client, parsed(request_text{.method = "ACK"}.text()), next_hop{0}, {}}, 1);
  ASSERT_EQ(answer.orders.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<send_stateless>(answer.orders[0]));
  EXPECT_TRUE(one.ended());
}

TEST(Exchange, AFullLaneMeans503WithRetryAfter) {
  exchange one{test_facts()};
  (void)one.handle(
    {}, request_received{{1, 0, 1, 1}, outside_client, parsed(request_text{.method = "INFO"}.text()), next_hop{0}, {}},
    1);
  const auto answer = one.handle({}, client_failed{1, client_failure_reason::overload}, 2);
  const auto& refusal = std::get<send_response>(answer.orders.at(0));
  EXPECT_EQ(refusal.status, 503U);
  EXPECT_TRUE(parsed(refusal.bytes)->find(header_id::retry_after));
  EXPECT_TRUE(one.ended());
}

TEST(Exchange, ThoseWhoAreRefusedTogetherAreToldToComeBackAtDifferentTimes) {
  std::map<std::string, int> told;
  for (int phone = 0; phone < 1'100; ++phone) {
    exchange one{test_facts()};
    request_text request{.method = "REGISTER", .call_id = "phone-" + std::to_string(phone)};
    (void)one.handle({}, request_received{{1, 0, 1, 1}, outside_client, parsed(request.text()), next_hop{0}, {}}, 1);
    const auto answer = one.handle({}, client_failed{1, client_failure_reason::transport}, 2);
    ++told[std::string{parsed(std::get<send_response>(answer.orders.at(0)).bytes)->value(header_id::retry_after)}];
  }
  ASSERT_EQ(told.size(), 11U) << "10 to 20 seconds";
  EXPECT_EQ(told.begin()->first, "10");
  EXPECT_EQ(told.rbegin()->first, "20");
  for (const auto& [wait, many] : told) {
    EXPECT_GT(many, 50) << wait;
    EXPECT_LT(many, 150) << wait;
  }
}

} // namespace sallyport::sip
