#include <gtest/gtest.h>

#include "policy/access.hpp"

namespace sallyport::policy {
namespace {

using enum access_verdict;

access_rules rules() {
  return {.domains = {"edge.example", "xn--bcher-kva.example"}, .remote_enabled = true};
}

sip::access_question registration() {
  return {.from = side::outside,
          .method = sip::method::register_,
          .to_domain = "edge.example",
          .request_domain = "edge.example"};
}

/// Of bob, on a flow that has proved `identity`; empty: nobody.
sip::access_question invitation(std::string_view identity) {
  return {.from = side::outside,
          .method = sip::method::invite,
          .is_flow_proved = !identity.empty(),
          .is_from_flow_owner = identity == "bob@edge.example",
          .to_domain = "edge.example",
          .request_domain = "edge.example"};
}

} // namespace

TEST(Access, AnyoneMayTryToRegisterInOurDomainsAndNowhereElse) {
  EXPECT_EQ(judge_access(rules(), registration()), to_next_hop);
  auto elsewhere = registration();
  elsewhere.request_domain = "other.example";
  EXPECT_EQ(judge_access(rules(), elsewhere), foreign_registration);
  elsewhere = registration();
  elsewhere.to_domain = "other.example";
  EXPECT_EQ(judge_access(rules(), elsewhere), foreign_registration);
}

TEST(Access, AFlowThatHasProvedNobodyPassesNothingButRegistrations) {
  for (const auto method : {sip::method::invite, sip::method::message, sip::method::options, sip::method::subscribe}) {
    auto request = invitation("");
    request.method = method;
    EXPECT_EQ(judge_access(rules(), request), not_registered);
  }
}

TEST(Access, AProvedFlowSpeaksForItsOwnAddressOnly) {
  EXPECT_EQ(judge_access(rules(), invitation("bob@edge.example")), to_next_hop);
  EXPECT_EQ(judge_access(rules(), invitation("eve@edge.example")), wrong_identity);
}

TEST(Access, ARequestOfADialogPassesOnAFlowThatHasNotProvedItself) {
  auto request = invitation("");
  request.method = sip::method::bye;
  request.token = sip::token_state::dialog;
  request.is_in_dialog = true;
  EXPECT_EQ(judge_access(rules(), request), to_next_hop);
}

TEST(Access, TheTokenOfADialogIsNoTicketToBeginAnother) {
  for (const auto token : {sip::token_state::dialog, sip::token_state::former_dialog})
    for (const auto from : {side::outside, side::inside}) {
      auto request = invitation("bob@edge.example"); // Not even for whom the flow has proved itself to be.
      request.from = from;
      request.token = token;
      EXPECT_EQ(judge_access(rules(), request), forged_token);
    }
}

TEST(Access, ARegistrationIsJudgedAsOneWhateverDialogItClaimsToBeIn) {
  auto request = registration();
  request.token = sip::token_state::dialog;
  request.is_in_dialog = true;
  request.request_domain = "other.example";
  EXPECT_EQ(judge_access(rules(), request), foreign_registration);
}

TEST(Access, AProvedFlowRegistersNobodyElse) {
  auto request = registration();
  request.is_flow_proved = request.is_from_flow_owner = true;
  EXPECT_EQ(judge_access(rules(), request), to_next_hop);
  request.is_from_flow_owner = false;
  EXPECT_EQ(judge_access(rules(), request), wrong_identity);
}

TEST(Access, ARegistrationGoesNoFurtherThanTheNextHop) {
  auto request = registration();
  request.has_foreign_route = true;
  EXPECT_EQ(judge_access(rules(), request), foreign_route);
}

TEST(Access, AForgedTokenIsRefusedOnBothSides) {
  for (const auto from : {side::outside, side::inside}) {
    auto request = invitation("bob@edge.example");
    request.from = from;
    request.token = sip::token_state::invalid;
    EXPECT_EQ(judge_access(rules(), request), forged_token);
  }
}

TEST(Access, APathTokenIsForTheInsideOnly) {
  auto request = invitation("bob@edge.example");
  request.token = sip::token_state::path;
  EXPECT_EQ(judge_access(rules(), request), forged_token);
  request.from = side::inside;
  EXPECT_EQ(judge_access(rules(), request), to_flow);
}

TEST(Access, ATokenOfAnEarlierLifeOfTheNodeLeadsItsDialogInwardAndNothingElseAnywhere) {
  auto request = invitation("");
  request.token = sip::token_state::former_dialog;
  request.is_in_dialog = true;
  EXPECT_EQ(judge_access(rules(), request), to_next_hop);
  request.token = sip::token_state::former_path;
  EXPECT_EQ(judge_access(rules(), request), forged_token);
  request.from = side::inside;
  EXPECT_EQ(judge_access(rules(), request), flow_gone);
  request.token = sip::token_state::former_dialog;
  request.is_in_dialog = true;
  EXPECT_EQ(judge_access(rules(), request), flow_gone);
}

TEST(Access, FromInsideOnlyATokenLeadsOutward) {
  auto request = invitation("");
  request.from = side::inside;
  EXPECT_EQ(judge_access(rules(), request), no_route_outward);
  request.token = sip::token_state::dialog;
  request.is_in_dialog = true;
  EXPECT_EQ(judge_access(rules(), request), to_flow);
}

TEST(Access, TheInsideMayAskWhetherTheEdgeIsThere) {
  sip::access_question ping{.from = side::inside, .method = sip::method::options, .is_to_us = true};
  EXPECT_EQ(judge_access(rules(), ping), answer_options);
  ping.is_to_us = false;
  EXPECT_EQ(judge_access(rules(), ping), no_route_outward) << "somebody else's";
  ping.is_to_us = true;
  ping.method = sip::method::message;
  EXPECT_EQ(judge_access(rules(), ping), no_route_outward) << "nobody here reads one";
  ping.method = sip::method::options;
  ping.from = side::outside;
  EXPECT_EQ(judge_access(rules(), ping), not_registered);
}

TEST(Access, AVerdictSaysWhichWayARequestGoes) {
  const access judge{rules()};
  using way = sip::access_answer::way;
  EXPECT_EQ(judge.judge(registration()).goes, way::inward);
  EXPECT_EQ(judge.judge({.from = side::inside, .method = sip::method::invite, .token = sip::token_state::path}).goes,
            way::outward);
  const auto refused = judge.judge(invitation(""));
  EXPECT_EQ(refused.goes, way::answered);
  EXPECT_EQ(refused.status, 403u);
  EXPECT_EQ(refused.reason, "not_registered");
}

TEST(Access, WithRemoteUsersOffNothingFromOutsidePasses) {
  auto closed = rules();
  closed.remote_enabled = false;
  EXPECT_EQ(judge_access(closed, registration()), remote_disabled);
  auto request = invitation("bob@edge.example");
  request.token = sip::token_state::dialog;
  request.is_in_dialog = true;
  EXPECT_EQ(judge_access(closed, request), remote_disabled);
}

TEST(Access, EveryVerdictHasANameAndEveryRefusalACode) {
  for (auto verdict :
       {forged_token, remote_disabled, foreign_registration, foreign_route, not_registered, wrong_identity})
    EXPECT_EQ(status_of(verdict), 403u) << to_string(verdict);
  EXPECT_EQ(status_of(no_route_outward), 404u);
  EXPECT_EQ(status_of(flow_gone), 430u);
  EXPECT_EQ(status_of(to_next_hop), 0u);
  EXPECT_EQ(status_of(to_flow), 0u);
  EXPECT_EQ(status_of(answer_options), 200u);
}

} // namespace sallyport::policy
