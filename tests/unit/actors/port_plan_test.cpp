#include <gmock/gmock.h>

#include "actors/port_plan.hpp"

namespace sallyport::actors {
namespace {

const taken_protocol sip{io::stream_protocol::sip, io::proof::registration};
const taken_protocol turn{io::stream_protocol::stun, io::proof::allocation};

endpoint at(const char* text) {
  return *endpoint::parse(text);
}

service_address outside(const char* address, std::vector<taken_protocol> takes) {
  return {.at = {.local = at(address)}, .takes = std::move(takes)};
}
service_address udp(const char* address) {
  return {.at = {.over = transport::udp, .local = at(address)}, .takes = {}};
}

result<std::vector<planned_port>, std::string> plan(std::vector<service_address> first,
                                                    std::vector<service_address> second) {
  const wanted_addresses wanted[]{{"access", std::move(first)}, {"echo", std::move(second)}};
  return plan_ports(wanted);
}

/// What is wrong with a plan that cannot be.
std::string conflict(std::vector<service_address> first, std::vector<service_address> second) {
  const auto planned = plan(std::move(first), std::move(second));
  EXPECT_FALSE(planned);
  return planned ? std::string{} : planned.error();
}

} // namespace

TEST(PortPlan, TwoServicesAtOneAddressHaveOnePort) {
  const auto planned =
    plan({outside("192.0.2.1:443", {sip}), outside("192.0.2.1:5061", {sip})}, {outside("192.0.2.1:443", {turn})});
  ASSERT_TRUE(planned);
  ASSERT_EQ(planned->size(), 2u);
  const auto& shared = planned->front();
  EXPECT_EQ(shared.at.local, at("192.0.2.1:443"));
  ASSERT_EQ(shared.takers.size(), 2u);
  EXPECT_EQ(shared.takers[0].service, 0u);
  EXPECT_EQ(shared.takers[1].service, 1u);
  EXPECT_EQ(shared.takers[1].takes.protocol, io::stream_protocol::stun);
  EXPECT_EQ(shared.takers[1].takes.proved_by, io::proof::allocation);
  EXPECT_EQ(planned->back().takers.size(), 1u);
}

TEST(PortPlan, OneProtocolHasOneServiceAtAnAddress) {
  EXPECT_EQ(conflict({outside("192.0.2.1:443", {sip})}, {outside("192.0.2.1:443", {turn, sip})}),
            "echo and access both take sip at 192.0.2.1:443");
  EXPECT_TRUE(plan({outside("192.0.2.1:443", {sip})}, {outside("192.0.2.1:5061", {sip})}));
}

TEST(PortPlan, WhoHasAPortToItselfSharesItWithNobody) {
  auto alone = outside("10.0.0.1:5062", {sip});
  alone.at.is_shared = false;
  auto too = outside("10.0.0.1:5062", {turn});
  too.at.is_shared = false;
  EXPECT_EQ(conflict({alone}, {too}), "echo cannot share 10.0.0.1:5062, which is another's");
  EXPECT_TRUE(plan({alone}, {outside("10.0.0.1:443", {turn})}));
}

TEST(PortPlan, WhoSharesAPortAgreesOnItsTerms) {
  auto other_side = outside("192.0.2.1:443", {turn});
  other_side.at.from = side::inside;
  auto plain = outside("192.0.2.1:443", {turn});
  plain.at.over = transport::tcp;
  for (const auto& differs : {other_side, plain})
    EXPECT_EQ(conflict({outside("192.0.2.1:443", {sip})}, {differs}),
              "echo cannot share 192.0.2.1:443, which is another's");
}

TEST(PortPlan, AUdpPortIsOneServicesAndNoNeighbourOfItsNumber) {
  EXPECT_EQ(conflict({udp("192.0.2.1:3478")}, {udp("192.0.2.1:3478")}),
            "echo cannot share 192.0.2.1:3478, which is another's");
  const auto planned = plan({udp("192.0.2.1:443")}, {outside("192.0.2.1:443", {sip})});
  ASSERT_TRUE(planned);
  EXPECT_EQ(planned->size(), 2u);
}

} // namespace sallyport::actors
