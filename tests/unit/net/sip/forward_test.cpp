#include <gtest/gtest.h>

#include "net/sip/forward.hpp"
#include "net/sip/headers.hpp"
#include "net/sip/value_cursor.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

class Forward : public testing::Test {
protected:
  message forward(const request_text& request, const arrival& from = outside_client, forward_plan plan = {}) {
    const auto read = parsed(request.text());
    plan.branch = "z9hG4bKours";
    plan.toward = from.from == side::outside ? side::inside : side::outside;
    return parsed(forward_request(*read, identity_, from, facts_of(*read).routes, plan));
  }
  [[nodiscard]] static std::vector<std::string> values(const message& of, header_id id) {
    std::vector<std::string> found;
    for (value_cursor cursor{*of, id}; const auto value = cursor.next();)
      found.emplace_back(*value);
    return found;
  }

  session_facts facts_ = test_facts();
  edge_identity identity_ = test_identity();
};

using list = std::vector<std::string>;

} // namespace

TEST_F(Forward, AddsItsViaAndTakesOneHop) {
  const auto out = forward({});
  EXPECT_EQ(values(out, header_id::via), (list{"SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKours",
                                               "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bKclient1"}));
  EXPECT_EQ(out->value(header_id::max_forwards), "69");
  EXPECT_EQ(out->value(header_id::max_breadth), "60");
  EXPECT_EQ(out->request_uri(), "sip:bob@example.com");
}

TEST_F(Forward, GivesSeventyHopsToARequestWithoutMaxForwards) {
  EXPECT_EQ(forward({.max_forwards = ""})->value(header_id::max_forwards), "70");
}

TEST_F(Forward, SaysToTheResponseWhereItsRequestCameFrom) { // RFC 3261, 18.2.1; RFC 3581, 4
  const auto below = [&](const std::string& via) { return values(forward({.via = via}), header_id::via).at(1); };
  EXPECT_EQ(below("SIP/2.0/TLS host.example;branch=z9hG4bK1"),
            "SIP/2.0/TLS host.example;branch=z9hG4bK1;received=192.0.2.10");
  EXPECT_EQ(below("SIP/2.0/TLS 192.0.2.10:5061;rport;branch=z9hG4bK1;alias"),
            "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK1;alias;rport=5061;received=192.0.2.10");
  EXPECT_EQ(below("SIP/2.0/TLS 192.0.2.10;received=10.9.9.9;rport=1;branch=z9hG4bK1"),
            "SIP/2.0/TLS 192.0.2.10;branch=z9hG4bK1;rport=5061;received=192.0.2.10")
    << "what a client says of itself does not count";
  EXPECT_EQ(below("SIP/2.0/TLS\r\n host.example;branch=z9hG4bK1"),
            "SIP/2.0/TLS   host.example;branch=z9hG4bK1;received=192.0.2.10");
}

TEST_F(Forward, RecordsBothSidesTheOneAheadOnTop) { // RFC 5658, 4
  const auto in = forward({.extra = "Record-Route: <sip:before.example;lr>\r\n"}, outside_client,
                          {.branch = {}, .record_token = "TOKEN", .path_token = {}});
  EXPECT_EQ(values(in, header_id::record_route),
            (list{"<sip:TOKEN@edge-in.example:5061;transport=tls;lr>", "<sip:TOKEN@edge.example:5061;transport=tls;lr>",
                  "<sip:before.example;lr>"}));
  const auto out = forward({.via = "SIP/2.0/TLS 10.0.0.5;branch=z9hG4bK2"}, inside_server,
                           {.branch = {}, .record_token = "TOKEN", .path_token = {}});
  EXPECT_EQ(values(out, header_id::record_route), (list{"<sip:TOKEN@edge.example:5061;transport=tls;lr>",
                                                        "<sip:TOKEN@edge-in.example:5061;transport=tls;lr>"}));
}

TEST_F(Forward, AddsOnePathAboveOthers) {
  const auto out = forward({.method = "REGISTER", .extra = "Path: <sip:before.example;lr>\r\n"}, outside_client,
                           {.branch = {}, .record_token = {}, .path_token = "TOKEN"});
  EXPECT_EQ(values(out, header_id::path),
            (list{"<sip:TOKEN@edge-in.example:5061;transport=tls;lr;ob>", "<sip:before.example;lr>"}));
}

TEST_F(Forward, PopsItsOwnRouteAndLeavesTheRest) {
  const auto out = forward({.extra = "Route: <sip:edge.example:5061;lr>, <sip:next.example;lr>\r\n"
                                     "Route: <sip:last.example;lr>\r\n"});
  EXPECT_EQ(values(out, header_id::route), (list{"<sip:next.example;lr>", "<sip:last.example;lr>"}));
}

TEST_F(Forward, RepairsAStrictRouterBehindAndObeysOneAhead) { // RFC 3261, 16.4 and 16.6 step 6
  const auto token = facts_.tokens->sign({.type = route_token::kind::path, .flow = {outside_client.flow, 5}}, "");
  const auto repaired = forward(
    {.uri = "sip:" + token + "@edge.example:5061;lr", .extra = "Route: <sip:next.example;lr>, <sip:bob@10.0.0.9>\r\n"});
  EXPECT_EQ(repaired->request_uri(), "sip:bob@10.0.0.9");
  EXPECT_EQ(values(repaired, header_id::route), list{"<sip:next.example;lr>"});

  const auto obeyed = forward({.extra = "Route: <sip:edge.example:5061;lr>, <sip:strict.example>,\r\n"
                                        " <sip:last.example;lr>\r\n"});
  EXPECT_EQ(obeyed->request_uri(), "sip:strict.example");
  EXPECT_EQ(values(obeyed, header_id::route), (list{"<sip:last.example;lr>", "<sip:bob@example.com>"}));

  const auto both = forward(
    {.uri = "sip:" + token + "@edge.example:5061;lr", .extra = "Route: <sip:strict.example>, <sip:bob@10.0.0.9>\r\n"});
  EXPECT_EQ(both->request_uri(), "sip:strict.example");
  EXPECT_EQ(values(both, header_id::route), list{"<sip:bob@10.0.0.9>"});
}

TEST_F(Forward, StripsWhatOnlyTheInsideMayClaim) { // RFC 3325, 6
  const request_text request{.extra = "P-Asserted-Identity: <sip:boss@example.com>\r\n"
                                      "P-Preferred-Identity: <sip:boss@example.com>\r\n"
                                      "ms-edge-proxy-message-trust: ms-source-type=AutoFederation\r\n"
                                      "Privacy: id\r\nIdentity: signed\r\n"};
  const auto in = forward(request);
  EXPECT_EQ(in->find(header_id::p_asserted_identity), nullptr);
  EXPECT_EQ(in->find(header_id::p_preferred_identity), nullptr);
  EXPECT_EQ(in->find(header_id::ms_edge_proxy_message_trust), nullptr);
  EXPECT_EQ(in->value(header_id::privacy), "id");
  EXPECT_EQ(in->value(header_id::identity), "signed");
  EXPECT_NE(forward(request, inside_server)->find(header_id::p_asserted_identity), nullptr);
}

TEST_F(Forward, LeavesSignedHeadersAndTheBodyAsTheyWere) {
  const request_text request{.from = "\"A  lice\" <sip:alice@example.com> ;tag=alice",
                             .extra = "Date:   Thu, 21 Feb 2002 13:02:03 GMT\r\nContact:<sip:a@b>\r\n"
                                      "X-Odd : folded\r\n  value\r\n",
                             .body = "v=0\r\n"};
  const auto text = request.text();
  const auto out = forward(request);
  for (const char* line :
       {"From: \"A  lice\" <sip:alice@example.com> ;tag=alice\r\n", "Date:   Thu, 21 Feb 2002 13:02:03 GMT\r\n",
        "Contact:<sip:a@b>\r\n", "X-Odd : folded\r\n  value\r\n"})
    EXPECT_NE(out->bytes().find(line), std::string::npos) << line;
  EXPECT_EQ(out->body(), "v=0\r\n");
}

TEST(ForwardResponse, TakesItsViaOff) {
  const auto response = parsed("SIP/2.0 180 Ringing\r\nVia: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKours\r\n"
                               "Via: SIP/2.0/TLS 192.0.2.10\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
                               "Call-ID: 1\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n");
  const auto forwarded = forward_response(*response, side::inside);
  EXPECT_EQ(forwarded.status, 180U);
  const auto out = parsed(forwarded.bytes);
  EXPECT_EQ(out->value(header_id::via), "SIP/2.0/TLS 192.0.2.10");
  EXPECT_EQ(count_values(*out, header_id::via), 1U);
}

TEST(ForwardResponse, A503BecomesA500AndItsRetryAfterGoes) { // RFC 3261, 16.7 step 6
  const auto response = parsed("SIP/2.0 503 Gone Fishing\r\nVia: SIP/2.0/TLS 10.0.0.1:5061, SIP/2.0/TLS 192.0.2.10\r\n"
                               "Retry-After: 60\r\nContent-Length: 0\r\n\r\n");
  const auto forwarded = forward_response(*response, side::inside);
  EXPECT_EQ(forwarded.status, 500U);
  EXPECT_TRUE(forwarded.bytes.starts_with("SIP/2.0 500 Server Internal Error\r\n"));
  EXPECT_EQ(forwarded.bytes.find("Retry-After"), std::string::npos);
}

TEST(ForwardResponse, StripsAnIdentityAssertedByAnOutsider) {
  const auto response = parsed("SIP/2.0 200 OK\r\nVia: SIP/2.0/TLS 192.0.2.1:5061, SIP/2.0/TLS 10.0.0.5\r\n"
                               "P-Asserted-Identity: <sip:boss@example.com>\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(forward_response(*response, side::outside).bytes.find("Asserted"), std::string::npos);
  EXPECT_NE(forward_response(*response, side::inside).bytes.find("Asserted"), std::string::npos);
}

} // namespace sallyport::sip
