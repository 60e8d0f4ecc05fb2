#include <gtest/gtest.h>

#include "net/sip/route_facts.hpp"
#include "tests/support/sip/edge_world.hpp"

namespace sallyport::sip {
namespace {

class RouteFacts : public testing::Test {
protected:
  [[nodiscard]] std::string token(std::uint32_t session = 1, std::string_view call_id = "call-1") const {
    return facts_.tokens->sign(
      {.type = route_token::kind::dialog, .flow = {outside_client.flow, 5}, .session = {{1, 0, session, 1}, 5}},
      call_id);
  }
  [[nodiscard]] static std::string outside(const std::string& user) {
    return "<sip:" + user + "@edge.example:5061;transport=tls;lr>";
  }
  [[nodiscard]] static std::string inside(const std::string& user) {
    return "<sip:" + user + "@edge-in.example:5061;transport=tls;lr>";
  }
  [[nodiscard]] route_facts read(const std::string& routes, const std::string& uri = "sip:bob@10.0.0.9") const {
    const auto request =
      parsed(request_text{.uri = uri, .extra = routes.empty() ? "" : "Route: " + routes + "\r\n"}.text());
    const auto target = parse_uri(request->request_uri());
    const auto facts = read_routes(*request, target ? &*target : nullptr, *facts_.identity, *facts_.tokens);
    EXPECT_TRUE(facts);
    return *facts;
  }

  session_facts facts_ = test_facts();
};

} // namespace

TEST_F(RouteFacts, NoRouteSaysNothing) {
  const auto facts = read("");
  EXPECT_EQ(facts.popped, 0);
  EXPECT_FALSE(facts.token);
  EXPECT_FALSE(facts.has_foreign_next);
  EXPECT_FALSE(facts.is_addressed_to_us);
}

TEST_F(RouteFacts, ADoubleRecordRouteIsPoppedAsOne) {
  const auto facts = read(outside(token()) + ", " + inside(token()) + ", <sip:registrar.example;lr>");
  EXPECT_EQ(facts.popped, 2);
  EXPECT_TRUE(facts.has_foreign_next);
  ASSERT_NE(facts.valid_token(), nullptr);
  EXPECT_EQ(facts.valid_token()->flow.id, outside_client.flow);
  EXPECT_EQ(facts.valid_token()->session.id.index, 1U);
}

TEST_F(RouteFacts, ASecondPassThroughUsKeepsItsOwnPair) {
  const auto facts =
    read(outside(token(1)) + ", " + inside(token(1)) + ", " + inside(token(2)) + ", " + outside(token(2)));
  EXPECT_EQ(facts.popped, 2);
  EXPECT_TRUE(facts.has_foreign_next);
  EXPECT_EQ(facts.valid_token()->session.id.index, 1U);
}

TEST_F(RouteFacts, AThirdValueOfOneTokenIsOfNoPair) {
  const auto facts = read(outside(token()) + ", " + inside(token()) + ", " + outside(token()));
  EXPECT_EQ(facts.popped, 2);
  EXPECT_TRUE(facts.has_foreign_next);
}

TEST_F(RouteFacts, APreloadedRouteWithoutTokenIsPoppedToo) {
  EXPECT_EQ(read("<sip:edge.example:5061;transport=tls;lr>").popped, 1);
  const auto facts = read("<sip:edge.example:5061;lr>, " + outside(token()) + ", " + inside(token()));
  EXPECT_EQ(facts.popped, 3);
  EXPECT_NE(facts.valid_token(), nullptr);
  EXPECT_EQ(read("<sip:SIP.example.com;lr>").popped, 1) << "another name of ours, on any port";
}

TEST_F(RouteFacts, AnotherHostOrPortIsNotUs) {
  EXPECT_EQ(read("<sip:" + token() + "@other.example:5061;lr>").popped, 0);
  EXPECT_EQ(read("<sip:" + token() + "@edge.example:5999;lr>").popped, 0);
}

TEST_F(RouteFacts, AForgedTokenIsPoppedAndSaidSo) {
  const auto facts = read(outside(token(1, "another call")));
  EXPECT_EQ(facts.popped, 1);
  ASSERT_TRUE(facts.token);
  EXPECT_EQ(facts.token->error(), token_error::forged);
  EXPECT_EQ(facts.valid_token(), nullptr);
}

TEST_F(RouteFacts, AStrictRouterIsRepaired) { // RFC 3261, 16.4
  const auto facts =
    read("<sip:registrar.example;lr>, <sip:bob@10.0.0.9>", "sip:" + token() + "@edge.example:5061;transport=tls;lr");
  EXPECT_TRUE(facts.is_strict);
  EXPECT_FALSE(facts.request_uri.empty());
  EXPECT_EQ(facts.popped, 0);
  EXPECT_TRUE(facts.has_foreign_next);
  EXPECT_NE(facts.valid_token(), nullptr);
}

TEST_F(RouteFacts, AUserOfOurDomainInTheRequestUriIsNoStrictRouter) {
  const auto facts = read("<sip:registrar.example;lr>", "sip:alice@sip.example.com");
  EXPECT_FALSE(facts.is_strict);
  EXPECT_FALSE(facts.is_addressed_to_us);
}

TEST_F(RouteFacts, ARequestUriWithoutUserThatNamesUsIsForUs) {
  EXPECT_TRUE(read("", "sip:edge.example:5061").is_addressed_to_us);
  EXPECT_TRUE(read("", "sip:edge.example").is_addressed_to_us) << "5061 is the default of TLS";
  EXPECT_FALSE(read("", "sip:example.com").is_addressed_to_us);
}

} // namespace sallyport::sip
